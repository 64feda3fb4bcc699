using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>
/// What tensors hold beyond what their types say: after a ReLU nothing is negative. A layer that
/// reads such a tensor is told so by a type of the same values without a sign, and its sums are
/// known to be half as wide.
/// </summary>
internal static class KnownRanges
{
    /// <summary>The program's layers, their inputs' types as narrow as is known.</summary>
    public static ProgramLayer[] Apply(QuantizedProgram program)
    {
        RawRange[] ranges = program.Ranges();
        return
        [
            .. program.Layers.Select(
                layer => layer is MacLayer mac
                    ? mac with { Input = Unsigned(mac.Input, ranges[mac.Inputs[0]]) }
                    : layer),
        ];
    }

    /// <summary>Padding contributes the zero point, which has to be a value of the type.</summary>
    private static TensorType Unsigned(TensorType type, RawRange range) =>
        type.IsSigned && range.Low >= 0 && type.ZeroPoint >= 0 && type.ZeroPoint <= range.High
            ? type with { IsSigned = false, Bits = (int)long.Log2(Math.Max(range.High, 1)) + 1 }
            : type;
}

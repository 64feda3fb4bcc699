using QSim.Kernels.Arithmetic;
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
        var ranges = new (long Low, long High)[program.Layers.Length + 1];
        ranges[0] = Of(program.Input.Type);
        for (int i = 0; i < program.Layers.Length; i++)
            ranges[i + 1] = Within(
                Outputs(program.Layers[i], ranges), Of(program.Layers[i].Output));
        return
        [
            .. program.Layers.Select(
                layer => layer is MacLayer mac
                    ? mac with { Input = Unsigned(mac.Input, ranges[mac.Inputs[0]]) }
                    : layer),
        ];
    }

    private static (long Low, long High) Of(TensorType type) => (type.MinRaw, type.MaxRaw);

    private static (long Low, long High) Within(
        (long Low, long High) range, (long Low, long High) type) =>
        (Math.Clamp(range.Low, type.Low, type.High), Math.Clamp(range.High, type.Low, type.High));

    private static (long Low, long High) Outputs(
        ProgramLayer layer, (long Low, long High)[] tensors) => layer switch
    {
        MacLayer mac => (
            mac.Requantization.Min(r => Outputs(r, layer.Output).Low),
            mac.Requantization.Max(r => Outputs(r, layer.Output).High)),
        AddLayer add => Outputs(add.Requantization, layer.Output),
        MaxPoolLayer or AveragePoolLayer or ReshapeLayer => tensors[layer.Inputs[0]],
        ClampLayer clamp => Within(tensors[layer.Inputs[0]], (clamp.Min, clamp.Max)),
        _ => Of(layer.Output),
    };

    /// <summary>The activation bounds outputs unless they may wrap after it.</summary>
    private static (long Low, long High) Outputs(in Requantization spec, TensorType type) =>
        spec.Output.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric
            ? Within(
                (spec.ClampMin, spec.ClampMax),
                (Overflow.LowestKept(spec.Output), spec.Output.Max))
            : Of(type);

    /// <summary>Padding contributes the zero point, which has to be a value of the type.</summary>
    private static TensorType Unsigned(TensorType type, (long Low, long High) range) =>
        type.IsSigned && range.Low >= 0 && type.ZeroPoint >= 0 && type.ZeroPoint <= range.High
            ? type with { IsSigned = false, Bits = (int)long.Log2(Math.Max(range.High, 1)) + 1 }
            : type;
}

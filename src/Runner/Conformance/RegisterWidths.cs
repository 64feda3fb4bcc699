using QSim.Kernels.Datapath;

namespace QSim.Runner.Conformance;

/// <summary>Widths of registers in layers without multiply-accumulate units.</summary>
internal static class RegisterWidths
{
    /// <summary>
    /// The register's own width where the datapath says one, else the narrowest that holds what it
    /// held.
    /// </summary>
    public static (int Bits, bool IsSigned) Of(
        ProgramLayer layer, string register, IReadOnlyList<long> values) =>
        Spec(layer, register) is { Bits: > 0 } spec ? (spec.Bits, spec.IsSigned)
        : layer is LookupLayer lookup && register == "index"
            ? Register.Narrowest([lookup.Table.Length - 1])
        : Register.Narrowest(values);

    private static Kernels.Arithmetic.ConversionSpec Spec(ProgramLayer layer, string register) =>
        (layer, register) switch
        {
            (AveragePoolLayer { Unit.HasRegister: not 0 } pool, _) => pool.Unit.Register,
            (SoftmaxLayer softmax, "difference") => softmax.Difference,
            (SoftmaxLayer softmax, "exponential") => softmax.Exponential,
            (SoftmaxLayer softmax, "accumulator") => softmax.Sum,
            (SoftmaxLayer softmax, "inverse") => softmax.InverseInput,
            _ => default,
        };
}

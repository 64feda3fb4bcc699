using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>The circuit that makes one output of a layer, without a clock.</summary>
/// <param name="Description">The circuit in a few words.</param>
/// <param name="Inputs">Its ports.</param>
/// <param name="Result">What comes out.</param>
/// <param name="Modules">The unit, and what it uses.</param>
/// <param name="Operands">
/// What the ports get for one output, each value with its width: tensors that the layer reads, the
/// output's index.
/// </param>
internal sealed record ElementUnit(
    string Description, IReadOnlyList<Wire> Inputs, Wire Result,
    IReadOnlyList<ModuleText> Modules,
    Func<long[][], int, IEnumerable<(long Value, int Bits)>> Operands)
{
    /// <summary>
    /// The register behind the port <c>accumulator</c>, whose flags have ports, too; null where
    /// the unit has none.
    /// </summary>
    public Wire? Register { get; init; }

    /// <summary>A module with these ports, and the three that every unit has.</summary>
    public static ModuleText Module(
        string name, string comment, IEnumerable<Wire> inputs, Wire result)
    {
        var module = new ModuleText($"{name}_unit", comment);
        foreach (Wire input in inputs) module.Input(input);
        module.Output(result);
        module.Output(new("overflowed", 1, false));
        module.Output(new("inexact", 1, false));
        return module;
    }

    /// <summary>The wire of a tensor's values.</summary>
    public static Wire Of(string name, TensorType type) => new(name, type.Bits, type.IsSigned);

    /// <summary>A conversion that only saturates, into a tensor's type.</summary>
    public static ConversionSpec Saturate(TensorType type) => ConversionSpec.Into(
        new FixedFormat(type.Bits, 0, type.IsSigned), 0, RoundingMode.TowardNegative,
        OverflowMode.Saturate);
}

using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>
/// Requantization of something else than an accumulator: the same module that stands behind one.
/// </summary>
internal static class ElementRequantize
{
    /// <summary>Where the module's outputs go.</summary>
    /// <param name="Result">The wire or port of its result.</param>
    /// <param name="Overflowed">That of its flag.</param>
    /// <param name="Prefix">Before the instance's name, and its other flag's.</param>
    internal readonly record struct Ports(string Result, string Overflowed, string Prefix = "");

    /// <summary>Null where values of so many bits can be requantized so, else why not.</summary>
    public static string? WhyNot(ProgramLayer layer, Requantization spec, int bits) =>
        RequantizeModule.WhyNot(AsUnit(layer, spec, bits));

    /// <summary>
    /// Writes an instance, and <c>inexact</c> behind the prefix (<c>requantize_inexact</c> without
    /// one).
    /// </summary>
    /// <param name="module">Where to.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="spec">What to do.</param>
    /// <param name="value">To what, two's complement.</param>
    /// <param name="name">What the modules' names begin with.</param>
    /// <param name="ports">Where its outputs go.</param>
    /// <returns>The modules.</returns>
    public static IEnumerable<ModuleText> Write(
        ModuleText module, ProgramLayer layer, Requantization spec, Wire value, string name,
        Ports ports)
    {
        string inexact = ports.Prefix.Length == 0
            ? "requantize_inexact"
            : $"{ports.Prefix}inexact";
        module.Line($"logic {inexact};");
        module.Line($"{name}_requantize {ports.Prefix}requantize (");
        module.Line($"  .accumulator({value.Name}), .result({ports.Result}),");
        module.Line($"  .overflowed({ports.Overflowed}), .inexact({inexact})");
        module.Line(");");
        return RequantizeModule.Of(AsUnit(layer, spec, value.Bits), name);
    }

    /// <summary>A unit of one channel whose accumulator is what is to be requantized.</summary>
    private static MacLayer AsUnit(ProgramLayer layer, Requantization spec, int bits) => new(
        layer.Name, layer.Inputs, layer.Output, layer.Output, new WindowGeometry(), [], 1, true,
        [0],
        new MacSpec
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = 0,
            PartialAlign = 0,
            Update = ConversionSpec.Into(
                new FixedFormat(bits, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Wrap),
            Lanes = 1,
            Order = ReductionOrder.ChannelLast,
            Interleave = 1,
            When = AccumulatorUpdate.EveryUpdate,
            Bias = BiasPosition.First,
            InputOffset = 0,
        },
        [spec]);
}

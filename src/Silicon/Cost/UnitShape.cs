using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Cost;

/// <summary>The widths and modes that a unit's cost depends on.</summary>
/// <param name="Lanes">Products per cycle.</param>
/// <param name="InputBits">Width of an activation.</param>
/// <param name="WeightBits">Width of a weight.</param>
/// <param name="ProductBits">Width of an exact product.</param>
/// <param name="ProductRegisterBits">Width it is converted to; 0 where it stays exact.</param>
/// <param name="PartialBits">Width of the sum of a cycle's products.</param>
/// <param name="SumBits">Width of accumulator plus products.</param>
/// <param name="AccumulatorBits">Width of the accumulator.</param>
/// <param name="RegisterBits">Bits that are registered: more where it is converted at the end.
/// </param>
/// <param name="RoundedBits">Bits behind the adder that rounds an update; 0 without.</param>
/// <param name="SaturatedBits">Bits behind the choice of a saturated value; 0 without.</param>
/// <param name="OutputBits">Width of an output.</param>
/// <param name="Requantization">Its kind.</param>
/// <param name="MultiplierBits">Width of a multiplier that differs by channel; 0 without.</param>
/// <param name="ConstantBits">Width of one that all channels share; 0 without.</param>
/// <param name="ShiftedBits">Bits behind a shifter whose distance differs by channel.</param>
/// <param name="OutputRoundedBits">Bits behind the adder that rounds an output.</param>
internal sealed record UnitShape(
    int Lanes, int InputBits, int WeightBits, int ProductBits, int ProductRegisterBits,
    int PartialBits, int SumBits, int AccumulatorBits, int RegisterBits, int RoundedBits,
    int SaturatedBits, int OutputBits, RequantizationKind Requantization, int MultiplierBits,
    int ConstantBits, int ShiftedBits, int OutputRoundedBits)
{
    private const int MultiplierWidth = 32;
    private const int SignificandWidth = 24;

    /// <summary>One-bit multipliers that all lanes are made of.</summary>
    public long MultiplierBitsOfAll => (long)Lanes * InputBits * WeightBits;

    /// <summary><c>4 x 8x8, acc 24</c>.</summary>
    public string Brief =>
        FormattableString.Invariant($"{Lanes} x {InputBits}x{WeightBits}, acc {AccumulatorBits}");

    internal static UnitShape Of(MacLayer layer, MacModules unit)
    {
        Requantization first = layer.Requantization[0];
        ConversionSpec update = layer.Mac.Update;
        bool converts = layer.Mac.ProductStage == ProductStage.Converted;
        string[] ports = [.. RequantizeModule.Ports(layer).Select(p => p.Port.Name)];
        bool isReal = first.Kind == RequantizationKind.Real;
        bool multiplies = first.Kind != RequantizationKind.Shift;
        int factor = isReal ? SignificandWidth : MultiplierWidth;
        bool varies = ports.Contains("multiplier") || ports.Contains("mantissa");
        int product = update.Bits + (multiplies ? factor : 0);
        bool shifts = isReal || ports.Length > (varies ? 1 : 0);
        return new(
            unit.Lanes, layer.Input.Bits, layer.WeightBits, unit.ExactProduct.Bits,
            converts ? layer.Mac.Product.Bits : 0, unit.Lanes > 1 ? unit.Partial.Bits : 0,
            unit.Sum.Bits, update.Bits, unit.IsAtEnd ? unit.Sum.Bits : update.Bits,
            Rounds(update) ? update.Bits : 0, Chooses(update) ? update.Bits : 0,
            layer.Output.Bits, first.Kind, multiplies && varies ? factor : 0,
            multiplies && !varies ? factor : 0, shifts ? product : 0,
            multiplies ? product : Rounds(first.Output) || shifts ? update.Bits : 0);
    }

    private static bool Rounds(ConversionSpec spec) =>
        spec is { Shift: > 0, Rounding: not RoundingMode.TowardNegative };

    private static bool Chooses(ConversionSpec spec) => spec.Overflow != OverflowMode.Wrap;
}

using QSim.Kernels.Datapath;

namespace QSim.Silicon.Cost;

/// <summary>
/// What the fitted model of a unit's cost is a sum of. Sizes (area, cells, energy, LUTs) grow with
/// bits that work; the critical path grows with the logarithms of widths, as adders and trees do.
/// </summary>
internal static class CostTerms
{
    /// <summary>Terms of lanes, adder tree and accumulator.</summary>
    public static IReadOnlyList<(string Name, double Value)> Accumulate(UnitShape unit) =>
    [
        ("constant", 1),
        ("lanes*input*weight", unit.MultiplierBitsOfAll),
        ("lanes*product", unit.Lanes * unit.ProductBits),
        ("lanes*product_register", unit.Lanes * unit.ProductRegisterBits),
        ("(lanes-1)*partial", (unit.Lanes - 1) * unit.PartialBits),
        ("sum", unit.SumBits),
        ("register", unit.RegisterBits),
        ("rounded", unit.RoundedBits),
        ("saturated", unit.SaturatedBits),
        ("lanes*dsp_products", unit.Lanes * (IsWide(unit) ? 1 : 0)),
        ("lanes*narrow_products", unit.Lanes * (IsWide(unit) ? 0 : unit.ProductBits)),
    ];

    /// <summary>Terms of the path through them.</summary>
    public static IReadOnlyList<(string Name, double Value)> AccumulatePath(UnitShape unit) =>
    [
        ("constant", 1),
        ("log2(factors)", Math.Log2(unit.InputBits) + Math.Log2(unit.WeightBits)),
        ("smaller factor", Math.Min(unit.InputBits, unit.WeightBits)),
        ("converts", unit.ProductRegisterBits > 0 ? 1 : 0),
        ("log2(lanes)", Math.Log2(unit.Lanes)),
        ("log2(sum)", Math.Log2(unit.SumBits)),
        ("rounded", unit.RoundedBits > 0 ? Math.Log2(unit.RoundedBits) : 0),
        ("saturated", unit.SaturatedBits > 0 ? Math.Log2(unit.SaturatedBits) : 0),
    ];

    /// <summary>Terms of the requantization.</summary>
    public static IReadOnlyList<(string Name, double Value)> Requantize(UnitShape unit) =>
    [
        ("constant", 1),
        ("accumulator", unit.AccumulatorBits),
        ("output", unit.OutputBits),
        ("accumulator*multiplier", unit.AccumulatorBits * unit.MultiplierBits),
        ("accumulator*constant", unit.AccumulatorBits * unit.ConstantBits),
        ("shifted*log2", unit.ShiftedBits == 0 ? 0
            : unit.ShiftedBits * Math.Log2(unit.ShiftedBits)),
        ("rounded", unit.OutputRoundedBits),
        ("real", unit.Requantization == RequantizationKind.Real ? 1 : 0),
    ];

    /// <summary>Terms of the path through it.</summary>
    public static IReadOnlyList<(string Name, double Value)> RequantizePath(UnitShape unit) =>
    [
        ("constant", 1),
        ("log2(accumulator)", Math.Log2(unit.AccumulatorBits)),
        ("multiplies", unit.MultiplierBits > 0 ? 1 : 0),
        ("scales", unit.ConstantBits > 0 ? 1 : 0),
        ("log2(shifted)", unit.ShiftedBits > 0 ? Math.Log2(unit.ShiftedBits) : 0),
        ("log2(rounded)", unit.OutputRoundedBits > 0 ? Math.Log2(unit.OutputRoundedBits) : 0),
        ("double", unit.Requantization == RequantizationKind.MultiplierDouble ? 1 : 0),
        ("real", unit.Requantization == RequantizationKind.Real ? 1 : 0),
    ];

    /// <summary>Whether FPGA flows put the product into a DSP block rather than LUTs.</summary>
    private static bool IsWide(UnitShape unit) =>
        unit.InputBits + unit.WeightBits > 9 && Math.Min(unit.InputBits, unit.WeightBits) > 1;
}

using QSim.Silicon.Cost;

namespace QSim.Runner.Silicon.Costs;

/// <summary>What one image costs on a profile, convolutions and dense layers only.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="BitOperations">The same, times the bits of both factors.</param>
/// <param name="Updates">Cycles of the units.</param>
/// <param name="OnChipBytes">Factors read at every use, outputs written.</param>
/// <param name="OffChipBytes">Parameters, the image and the logits, each once.</param>
/// <param name="UnitsNanojoules">
/// Energy of the units as measured or modelled; null where the target has none.
/// </param>
/// <param name="ArithmeticNanojoules">Multiplications and additions by the constants.</param>
/// <param name="OnChipNanojoules">The traffic on the chip by the constants.</param>
/// <param name="OffChipNanojoules">The traffic beyond it by the constants.</param>
internal sealed record NetworkCost(
    string Profile, long Macs, long BitOperations, long Updates, double OnChipBytes,
    double OffChipBytes, double? UnitsNanojoules, double ArithmeticNanojoules,
    double OnChipNanojoules, double OffChipNanojoules)
{
    private const double Nano = 1e-3;

    /// <summary>All three together.</summary>
    public double TotalNanojoules => ArithmeticNanojoules + OnChipNanojoules + OffChipNanojoules;

    /// <summary>The sum over units.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="units">Its units, in the order of the network.</param>
    /// <param name="constants">Energies of memories.</param>
    public static NetworkCost Of(
        string profile, IReadOnlyList<UnitCost> units, EnergyConstants constants)
    {
        long onChip = units.Sum(u => u.Work.OperandBits + u.Work.OutputBits);
        long offChip = units.Sum(u => u.Work.ParameterBits) + units[0].Work.InputBits
            + units[^1].Work.OutputBits;
        double?[] energies = [.. units.Select(Energy)];
        return new(
            profile, units.Sum(u => u.Work.Macs), units.Sum(u => u.Work.BitOperations),
            units.Sum(u => u.Work.Updates), onChip / 8.0, offChip / 8.0,
            energies.Contains(null) ? null : energies.Sum(), units.Sum(Arithmetic),
            onChip * constants.OnChip * Nano, offChip * constants.OffChip * Nano);
    }

    /// <summary>Nanojoules of a unit for one image.</summary>
    private static double? Energy(UnitCost unit) => unit.Parts.Aggregate(
        (double?)0,
        (sum, part) => sum + (part[PartCost.Energy] * Uses(unit, part.Part) * Nano));

    /// <summary>Cycles, or outputs, of one image.</summary>
    public static long Uses(UnitCost unit, string part) =>
        part == CostUnit.Accumulate ? unit.Work.Updates : unit.Work.Outputs;

    private static double Arithmetic(UnitCost unit) => Nano * unit.Work.Macs
        * (EnergyConstants.Multiply(unit.Shape.InputBits, unit.Shape.WeightBits)
            + EnergyConstants.Add(unit.Shape.SumBits));
}

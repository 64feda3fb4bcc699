namespace QSim.Runner.Studies.Costs;

/// <summary>What the circuits of one profile cost, its layers' units together.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="AreaUm2">Area of the cells of all units.</param>
/// <param name="Cells">How many.</param>
/// <param name="PathNs">The slowest path of any unit.</param>
/// <param name="Lut">Look-up tables.</param>
/// <param name="Ff">Flip-flops.</param>
/// <param name="Carry">Carry blocks.</param>
/// <param name="Dsp">Multiplier blocks.</param>
/// <param name="UnitsNanojoules">Energy of the units for one image.</param>
/// <param name="TotalNanojoules">The same with memories, at 45 nm by constants.</param>
/// <param name="IsMeasured">False where the fitted model says any of it.</param>
internal sealed record ProfileFigures(
    string Profile, double? AreaUm2, double? Cells, double? PathNs, double? Lut, double? Ff,
    double? Carry, double? Dsp, double? UnitsNanojoules, double? TotalNanojoules, bool IsMeasured)
{
    /// <summary>Every column that some target has, as files call it.</summary>
    public static IReadOnlyList<(string Name, Func<ProfileFigures, double?> Of)> Columns { get; } =
    [
        ("area_um2", f => f.AreaUm2), ("cells", f => f.Cells), ("path_ns", f => f.PathNs),
        ("lut", f => f.Lut), ("ff", f => f.Ff), ("carry", f => f.Carry), ("dsp", f => f.Dsp),
        ("units_nanojoules", f => f.UnitsNanojoules),
        ("total_nanojoules", f => f.TotalNanojoules),
    ];
}

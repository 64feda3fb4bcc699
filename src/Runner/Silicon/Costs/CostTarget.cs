namespace QSim.Runner.Silicon.Costs;

/// <summary>What a unit is synthesised for.</summary>
/// <param name="Name">What users type.</param>
/// <param name="Synthesis">The Yosys command; null for standard cells of a Liberty file.</param>
/// <param name="Kinds">Begins of cell names, by the column that counts them.</param>
internal sealed record CostTarget(
    string Name, string? Synthesis, IReadOnlyList<(string Column, string[] Cells)> Kinds)
{
    /// <summary>Standard cells.</summary>
    public static CostTarget Asic { get; } = new("asic", null, []);

    /// <summary>Every target.</summary>
    public static IReadOnlyList<CostTarget> All { get; } =
    [
        Asic,
        new(
            "xcup", "synth_xilinx -family xcup -noiopad -noclkbuf -flatten",
            [
                ("lut", ["LUT", "INV"]), ("ff", ["FD"]), ("carry", ["CARRY"]), ("dsp", ["DSP"]),
            ]),
        new(
            "ice40", "synth_ice40 -dsp",
            [
                ("lut", ["SB_LUT4"]), ("ff", ["SB_DFF"]), ("carry", ["SB_CARRY"]),
                ("dsp", ["SB_MAC16"]),
            ]),
        new(
            "ecp5", "synth_ecp5",
            [
                ("lut", ["LUT4"]), ("ff", ["TRELLIS_FF"]), ("carry", ["CCU2C"]),
                ("dsp", ["MULT18X18D"]),
            ]),
    ];

    /// <summary>What is said of it: cells of FPGAs by kind, else area and the like.</summary>
    public IEnumerable<string> Columns =>
        Synthesis is null ? PartCost.AsicColumns : Kinds.Select(k => k.Column);

    /// <summary>The target of a name.</summary>
    /// <exception cref="RequestException">There is none.</exception>
    public static CostTarget Find(string name) =>
        All.FirstOrDefault(t => t.Name == name)
        ?? throw new RequestException(
            $"--target '{name}' (supported: {string.Join(", ", All.Select(t => t.Name))})");
}

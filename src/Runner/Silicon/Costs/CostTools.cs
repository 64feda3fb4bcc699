using QSim.Runner.Output;

namespace QSim.Runner.Silicon.Costs;

/// <summary>The programs and the cell library that costs are measured with.</summary>
/// <param name="Yosys">Synthesis; null where it is missing.</param>
/// <param name="Sta">OpenSTA: paths and power.</param>
/// <param name="Icarus">Compiles the netlist for its transitions.</param>
/// <param name="Vvp">Runs it.</param>
/// <param name="Library">The Liberty file.</param>
internal sealed record CostTools(
    string? Yosys, string? Sta, string? Icarus, string? Vvp, CellLibrary? Library)
{
    /// <summary>What is on PATH.</summary>
    /// <param name="target">The target.</param>
    /// <param name="liberty">The user's Liberty file; null for the one that comes with Debian.
    /// </param>
    /// <exception cref="RequestException">The file is missing or is something else.</exception>
    public static CostTools Find(CostTarget target, string? liberty) => new(
        Programs.Find("yosys"), Programs.Find("sta"), Programs.Find("iverilog"),
        Programs.Find("vvp"),
        target != CostTarget.Asic
            ? liberty is null
                ? null
                : throw new RequestException(
                    "--liberty is for --target asic: the cells of FPGAs are known")
            : CellLibrary.Open(liberty));

    /// <summary>What is missing to measure everything, as Debian calls it.</summary>
    public IEnumerable<string> Missing(CostTarget target)
    {
        if (Yosys is null) yield return "yosys";
        if (target != CostTarget.Asic) yield break;
        if (Sta is null) yield return "opensta (the program sta)";
        if (Icarus is null || Vvp is null) yield return "iverilog";
        if (Library is null) yield return "qflow-tech-osu018, or a file by --liberty";
    }

    /// <summary>Whether transitions of real operands can be counted.</summary>
    public bool CountActivity => Sta is not null && Icarus is not null && Vvp is not null;

    /// <summary>The versions that figures depend on, as the programs say them.</summary>
    public string Versions(CostTarget target, CancellationToken cancellation)
    {
        string?[] said =
        [
            Version("Yosys", Yosys, "-V", cancellation),
            target == CostTarget.Asic ? Version("OpenSTA", Sta, "-version", cancellation) : null,
            target == CostTarget.Asic ? Version("Icarus", Icarus, "-V", cancellation) : null,
        ];
        return string.Join(", ", said.Where(v => v is not null));
    }

    /// <summary>A name with the first number of what a program says of itself.</summary>
    private static string? Version(
        string name, string? program, string option, CancellationToken cancellation) =>
        program is null
            ? null
            : name + " " + StartedProgram.Run(
                Path.GetTempPath(), program, [option], cancellation)
                .Split([' ', '\n']).FirstOrDefault(
                    w => w.Length > 0 && char.IsAsciiDigit(w[0]), "of an unknown version");
}

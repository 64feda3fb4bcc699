using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace QSim.Runner.Silicon.Costs;

/// <summary>What Yosys makes of one top module.</summary>
/// <param name="Netlist">Its cells as Verilog; empty for FPGAs.</param>
/// <param name="Figures">Its counts, by column.</param>
internal sealed record Synthesized(string Netlist, Dictionary<string, double> Figures);

/// <summary>Drives Yosys.</summary>
/// <param name="tools">The programs.</param>
/// <param name="target">What for.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed partial class Synthesis(
    CostTools tools, CostTarget target, CancellationToken cancellation)
{
    private const string Source = "unit.sv";

    /// <summary>
    /// How ABC maps to cells. Its own script begins with <c>&amp;fraig -x</c>, which does not end
    /// on an adder tree of sixteen lanes.
    /// </summary>
    private const string Mapping = "strash\ndc2\nstrash\n&get -n\n&dch -f\n&nf\n&put\n";

    /// <summary>Behaviour of the library's cells, for simulators.</summary>
    public const string Cells = "cells.v";

    /// <summary>Synthesises a top module.</summary>
    /// <param name="folder">Where files may be written.</param>
    /// <param name="circuit">The source.</param>
    /// <param name="top">The top module.</param>
    /// <exception cref="RequestException">Yosys fails.</exception>
    public Synthesized Run(string folder, string circuit, string top)
    {
        File.WriteAllText(Path.Combine(folder, Source), circuit);
        return target.Synthesis is { } command
            ? new("", Counted(
                Yosys(folder, $"{command} -top {top}; check -assert", top, ""), top))
            : ForCells(folder, top);
    }

    /// <summary>Writes what the library's cells do.</summary>
    public void WriteCells(string folder) => StartedProgram.Run(
        folder, tools.Yosys!,
        ["-q", "-p", $"read_liberty \"{tools.Library!.File}\"; write_verilog -noattr {Cells}"],
        cancellation);

    private Synthesized ForCells(string folder, string top)
    {
        File.WriteAllText(Path.Combine(folder, "map.abc"), Mapping);
        string liberty = $"-liberty \"{tools.Library!.File}\"";
        string said = Yosys(
            folder,
            $"synth -flatten -top {top}; check -assert; dfflibmap {liberty}; "
                + $"abc {liberty} -script map.abc; "
                + "opt_clean -purge",
            top, liberty);
        Match area = ChipArea().Match(said);
        double cells = Number(CellCount().Match(said), "number of cells", top);
        if (cells > 0 && !area.Success)
            throw new RequestException(
                $"{tools.Library!.File}: its cells have no area, which costs are sums of "
                    + "(--liberty)");
        string netlist = File.ReadAllText(Path.Combine(folder, $"{top}.v"));
        return new(
            netlist,
            new()
            {
                // Wires alone: Yosys is silent about their area.
                [PartCost.Area] = area.Success ? Number(area, "area", top) : 0,
                [PartCost.Cells] = cells,
            });
    }

    private string Yosys(string folder, string synthesis, string top, string liberty)
    {
        string format = target.Synthesis is null ? "" : "-json";
        File.WriteAllText(
            Path.Combine(folder, "synth.ys"),
            $"""
            read_verilog -sv {Source}
            {synthesis.Replace("; ", "\n")}
            write_verilog -noattr -noexpr {top}.v
            tee -q -o stat.txt stat {format} {liberty}

            """);
        try
        {
            StartedProgram.Run(folder, tools.Yosys!, ["-q", "synth.ys"], cancellation);
        }
        catch (RequestException e) when (
            e.Message.Contains("liberty", StringComparison.OrdinalIgnoreCase))
        {
            throw new RequestException($"{tools.Library?.File} (--liberty): {e.Message}");
        }

        string said = Path.Combine(folder, "stat.txt");
        return File.Exists(said) ? File.ReadAllText(said) : throw Unknown("statistics", top);
    }

    private Dictionary<string, double> Counted(string json, string top)
    {
        (string Name, double Count)[] cells;
        try
        {
            using var document = JsonDocument.Parse(json);
            cells =
            [
                .. document.RootElement.GetProperty("design").GetProperty("num_cells_by_type")
                    .EnumerateObject().Select(c => (c.Name, c.Value.GetDouble())),
            ];
        }
        catch (Exception e) when (
            e is JsonException or KeyNotFoundException or InvalidOperationException
                or FormatException)
        {
            throw Unknown("numbers of cells", top);
        }

        return target.Kinds.ToDictionary(
            k => k.Column,
            k => cells.Where(c => k.Cells.Any(
                begin => c.Name.StartsWith(begin, StringComparison.Ordinal))).Sum(c => c.Count));
    }

    private double Number(Match match, string what, string top) =>
        match.Success && double.TryParse(
            match.Groups[1].Value, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw Unknown(what, top);

    private RequestException Unknown(string what, string top) => new(
        $"{tools.Yosys}: says no {what} of '{top}' (supported: Yosys 0.23 and what writes alike)");

    [GeneratedRegex(@"Chip area for (?:top )?module '\\\w+': ([0-9.e+-]+)")]
    private static partial Regex ChipArea();

    [GeneratedRegex(@"Number of cells:\s+([0-9]+)")]
    private static partial Regex CellCount();
}

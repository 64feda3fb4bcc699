using System.Security.Cryptography;
using System.Text;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;
using QSim.Silicon.Cost;

namespace QSim.Runner.Silicon.Costs;

/// <summary>
/// Measures what units cost: synthesis, then real operands through the netlist, which must still be
/// the reference. Whatever was measured before of the same content, with the same programs, is not
/// measured again; figures are kept, netlists are not: somebody else's would be run.
/// </summary>
/// <param name="target">What for.</param>
/// <param name="tools">The programs.</param>
/// <param name="cache">What was measured before.</param>
/// <param name="cancellation">Ends programs.</param>
internal sealed class CostMeter(
    CostTarget target, CostTools tools, ContentCache cache, CancellationToken cancellation)
{
    private const string Format = "cost 2";

    /// <summary>64 lanes of 8x8 bits: a minute or two; more is left to the fitted model.</summary>
    public const int MostMultiplierBits = 64 * 8 * 8;

    private readonly Dictionary<string, Dictionary<string, Dictionary<string, double>>> _known =
        [];
    private readonly Dictionary<string, Dictionary<string, Synthesized>> _netlists = [];
    private readonly Lazy<string> _versions = new(() => tools.Versions(target, cancellation));

    /// <summary>The halves of a unit with whatever can be measured.</summary>
    /// <exception cref="RequestException">A program fails, or the netlist is wrong.</exception>
    public IReadOnlyList<PartCost> Measure(CostUnit unit)
    {
        if (tools.Yosys is null || (target.Synthesis is null && tools.Library is null)
            || unit.Shape.MultiplierBitsOfAll > MostMultiplierBits)
            return [.. Parts.Select(p => new PartCost(p, new Dictionary<string, Figure>()))];
        Dictionary<string, Dictionary<string, double>> counted = Kept(
            [unit.Circuit],
            folder => Synthesise(unit, folder).ToDictionary(p => p.Key, p => p.Value.Figures));
        Dictionary<string, Dictionary<string, double>>? energies =
            target.Synthesis is null && tools.CountActivity
                ? Kept(
                    [unit.Circuit, .. unit.Vectors.Select(v => v.Text), unit.Bench],
                    folder => Energy(unit, folder))
                : null;
        return
        [
            .. Parts.Select(part =>
            {
                IEnumerable<KeyValuePair<string, double>> figures =
                    counted[part].Concat(energies?[part] ?? []).DistinctBy(f => f.Key);
                return new PartCost(
                    part, figures.ToDictionary(f => f.Key, f => new Figure(f.Value, true)));
            }),
        ];
    }

    private static IReadOnlyList<string> Parts => CostUnit.Halves;

    private Dictionary<string, Synthesized> Synthesise(CostUnit unit, string folder)
    {
        if (_netlists.GetValueOrDefault(unit.Circuit) is { } known) return known;
        var synthesis = new Synthesis(tools, target, cancellation);
        var timing = new TimingAndPower(tools, cancellation);
        return _netlists[unit.Circuit] = Parts.ToDictionary(p => p, part =>
        {
            Synthesized made = synthesis.Run(folder, unit.Circuit, part);
            if (target.Synthesis is null && tools.Sta is not null)
                made.Figures[PartCost.Path] = timing.Path(folder, part, Clock(part));
            return made;
        });
    }

    private Dictionary<string, Dictionary<string, double>> Energy(CostUnit unit, string folder)
    {
        Dictionary<string, Synthesized> halves = Synthesise(unit, folder);
        foreach (string part in Parts)
            File.WriteAllText(Path.Combine(folder, $"{part}.v"), halves[part].Netlist);
        foreach ((string path, string text) in unit.Vectors.Append(("bench.sv", unit.Bench)))
            File.WriteAllText(Path.Combine(folder, path), text);
        new Synthesis(tools, target, cancellation).WriteCells(folder);
        StartedProgram.Run(
            folder, tools.Icarus!,
            [
                "-g2012", "-s", "bench", "-o", "bench.vvp", "bench.sv", Synthesis.Cells,
                .. Parts.Select(p => $"{p}.v"),
            ], cancellation);
        string said = StartedProgram.Run(folder, tools.Vvp!, ["bench.vvp"], cancellation);
        if (!said.Contains("EQUAL", StringComparison.Ordinal))
            throw new RequestException(
                "the synthesised netlist differs from the reference, so its cost is not shown: "
                    + Untrusted.Line(said.Split('\n').FirstOrDefault(
                        l => l.StartsWith("DIFFERS", StringComparison.Ordinal)) ?? "no result"));
        using StreamReader dump = new(Path.Combine(folder, "activity.vcd"));
        Dictionary<string, Dictionary<string, long>> counted = Transitions.Read(dump);
        double period = halves[CostUnit.Accumulate].Figures[PartCost.Path];
        var power = new TimingAndPower(tools, cancellation);
        return Parts.ToDictionary(p => p, part => new Dictionary<string, double>
        {
            [PartCost.Energy] = halves[part].Figures[PartCost.Cells] == 0
                ? 0
                : power.Energy(
                    folder, part, Clock(part), period, counted.GetValueOrDefault(part) ?? [],
                    part == CostUnit.Accumulate ? unit.Cycles : unit.Outputs),
        });
    }

    private static string? Clock(string part) => part == CostUnit.Accumulate ? "clk" : null;

    /// <summary>Figures by part that are known under their content, else made.</summary>
    private Dictionary<string, Dictionary<string, double>> Kept(
        IEnumerable<string> content,
        Func<string, Dictionary<string, Dictionary<string, double>>> make)
    {
        string[] all =
        [
            Format, target.Name, target.Synthesis ?? "", tools.Library?.Sha256 ?? "",
            $"{tools.Sta is not null}", _versions.Value, .. content,
        ];
        string key = Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes(Json.LineOf(all))));
        if (Known(key) is { } known) return known;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("qsim-cost");
        try
        {
            _known[key] = make(folder.FullName);
            cache.Put(
                ContentCache.Costs, key, Encoding.UTF8.GetBytes(Json.LineOf(_known[key])));
            return _known[key];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Dictionary<string, Dictionary<string, double>>? Known(string key)
    {
        if (_known.GetValueOrDefault(key) is { } made) return made;
        return cache.Get(ContentCache.Costs, key) is { } bytes
            ? KnownCosts.Read(bytes, target)
            : null;
    }
}

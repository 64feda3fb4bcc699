using System.Globalization;
using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>What an attack may miss on a linear model, as a share.</summary>
/// <param name="Open">Where no wall of [0, 1] is near.</param>
/// <param name="Walls">Where three of four pixels are at one or near.</param>
internal sealed record Shortfall(double Open, double Walls);

/// <summary>
/// How near attacks come, and why not nearer: the table in src/Attacks/README.md, where users read
/// it and whoever adds an attack adds a row.
/// </summary>
internal static class Shortfalls
{
    /// <summary>Float32 sums of 30 products.</summary>
    public const double Exact = 2e-6;

    private const string Head =
        "| attack | linf | L2 | L1 | why not nearer |\n|---|---|---|---|---|\n";

    public static IReadOnlyDictionary<(string Family, Norm Norm), Shortfall> All { get; } = Read();

    public static Shortfall Of(string attack, Norm norm)
    {
        Assert.True(
            All.TryGetValue((AttackRegistry.Family(attack), norm), out Shortfall? found),
            $"{attack} under {norm}: the table in src/Attacks/README.md has to say how near it "
                + "comes, and why not nearer");
        return found;
    }

    private static Dictionary<(string Family, Norm Norm), Shortfall> Read()
    {
        string readme = AttacksReadme.Text;
        int at = readme.IndexOf(Head, StringComparison.Ordinal) + Head.Length;
        Assert.True(at >= Head.Length, "src/Attacks/README.md has no such table");
        Dictionary<(string Family, Norm Norm), Shortfall> all = [];
        foreach (string line in readme[at..].Split('\n').TakeWhile(l => l.StartsWith('|')))
        {
            string[] cells = [.. line.Trim('|').Split('|').Select(c => c.Trim())];
            Norm[] norms = [Norm.Linf, Norm.L2, Norm.L1];
            Assert.True(cells.Length == 5 && cells[4].Length > 0, $"not a row: {line}");
            foreach ((Norm norm, string cell) in norms.Zip(cells.Skip(1)))
                if (cell != "-") all.Add((cells[0].Trim('`'), norm), Parse(cell));
        }

        return all;
    }

    private static Shortfall Parse(string cell)
    {
        string[] shares = cell.Split("; ");
        Assert.True(shares.Length == 2, $"'{cell}' (supported: as in exact; 30 %)");
        return new(Share(shares[0]), Share(shares[1]));
    }

    /// <summary>Percent are beside what float32 leaves open anyway.</summary>
    private static double Share(string text)
    {
        if (text == "exact") return Exact;
        if (text == "any") return double.PositiveInfinity;
        Assert.EndsWith(" %", text);
        return (double.Parse(text[..^2], CultureInfo.InvariantCulture) / 100) + Exact;
    }
}

using System.Globalization;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Reports.Charts;

/// <summary>
/// Where the values of a swept key are on an axis: numbers to scale, words side by side.
/// </summary>
/// <param name="Names">The values.</param>
/// <param name="At">The place of each, ascending.</param>
internal sealed record Places(IReadOnlyList<string> Names, IReadOnlyList<double> At)
{
    /// <summary>Room at the ends, as a share of the whole.</summary>
    private const double Margin = 0.04;

    /// <summary>Most names that have room under an axis.</summary>
    private const int MostNames = 12;

    /// <summary>Those of a factor.</summary>
    public static Places Of(SweepFactor factor) => new(
        factor.Levels,
        factor.Numbers ?? [.. Enumerable.Range(0, factor.Levels.Count).Select(i => (double)i)]);

    /// <summary>An axis that holds them all.</summary>
    public Axis Axis(double from, double to)
    {
        double span = At.Count > 1 ? At[^1] - At[0] : 1;
        return new(At[^1] + (Margin * span), from, to) { Least = At[0] - (Margin * span) };
    }

    /// <summary>Names that have room, each with its place.</summary>
    public IEnumerable<(string Name, double At)> Ticks()
    {
        int every = (int)Math.Ceiling((double)Names.Count / MostNames);
        return Names.Zip(At).Where((_, i) => (Names.Count - 1 - i) % every == 0);
    }

    /// <summary>The place of a value by its name.</summary>
    public double this[string name] => At[Names.Index().First(n => n.Item == name).Index];

    /// <summary>A value's name; its number where it has none.</summary>
    public string NameOf(double at) =>
        At.Index().Where(a => a.Item == at).Select(a => Names[a.Index]).FirstOrDefault()
        ?? at.ToString("R", CultureInfo.InvariantCulture);
}

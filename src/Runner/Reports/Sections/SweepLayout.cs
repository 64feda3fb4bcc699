using QSim.Runner.Reports.Charts;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Reports.Sections;

/// <summary>
/// Which swept key is on which axis: the one with most numbers on x, a line per value of the
/// others as far as lines can be told apart, and a picture per value of the rest.
/// </summary>
/// <param name="Grid">The sweep.</param>
/// <param name="X">Factor on the horizontal axis.</param>
/// <param name="Lines">Factors that have a line per value.</param>
/// <param name="Panels">Factors that have a picture per value.</param>
internal sealed record SweepLayout(SweepGrid Grid, int X, int[] Lines, int[] Panels)
{
    private const int FewestOfMap = 3;

    /// <summary>The layout of curves.</summary>
    public static SweepLayout OfCurves(SweepGrid grid)
    {
        int x = Longest(grid, grid.Factors.Any(f => f.Numbers is not null), -1);
        var lines = new List<int>();
        int count = 1;
        foreach (int f in Others(grid, x).OrderBy(f => grid.Factors[f].Levels.Count))
        {
            count *= grid.Factors[f].Levels.Count;
            if (count > Style.Profiles) break;
            lines.Add(f);
        }

        int[] sorted = [.. lines.Order()];
        return new(grid, x, sorted, [.. Others(grid, x).Except(sorted)]);
    }

    /// <summary>
    /// The layout of maps, whose one line factor is on the vertical axis; null where there are not
    /// two keys of at least three numbers.
    /// </summary>
    public static SweepLayout? OfMaps(SweepGrid grid)
    {
        int x = Longest(grid, true, -1), y = Longest(grid, true, x);
        return x < 0 || y < 0
            || Math.Min(grid.Factors[x].Levels.Count, grid.Factors[y].Levels.Count) < FewestOfMap
                ? null
                : new(grid, x, [y], [.. Others(grid, x).Where(f => f != y)]);
    }

    /// <summary>Targets by what they share in one picture.</summary>
    public IEnumerable<IGrouping<string, string>> Pictures() =>
        Grid.Targets.GroupBy(t => Grid.Others(t, [X, .. Lines]));

    /// <summary>Targets of one picture by line, in the order of x.</summary>
    public IEnumerable<(string Name, string[] Targets)> LinesOf(IEnumerable<string> targets) =>
        from target in targets
        group target by Grid.Others(target, [X, .. Panels]) into line
        select (line.Key, line.OrderBy(t => Grid.LevelsOf(t)[X]).ToArray());

    private static int Longest(SweepGrid grid, bool isOfNumbers, int without) => grid.Factors
        .Index()
        .Where(f => f.Index != without && (!isOfNumbers || f.Item.Numbers is not null))
        .OrderByDescending(f => f.Item.Levels.Count)
        .Select(f => f.Index)
        .DefaultIfEmpty(-1)
        .First();

    private static IEnumerable<int> Others(SweepGrid grid, int x) =>
        Enumerable.Range(0, grid.Factors.Count).Where(f => f != x);
}

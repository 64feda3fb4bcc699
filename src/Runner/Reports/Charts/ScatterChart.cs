using System.Globalization;
using System.Xml.Linq;

namespace QSim.Runner.Reports.Charts;

/// <summary>A point of a scatter chart.</summary>
/// <param name="X">Where.</param>
/// <param name="Y">Where.</param>
/// <param name="Group">Index of its group.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Tip">What a pointer that rests on it is told.</param>
/// <param name="Link">Where in the page it leads; null for nowhere.</param>
internal sealed record ScatterPoint(
    double X, double Y, int Group, string Name, string Tip, string? Link);

/// <summary>
/// Designs by two of their figures. Points lead to what the page says of them, and say it
/// themselves to a pointer: by links and titles, without a script.
/// </summary>
internal sealed record ScatterChart
{
    private const double Left = 46, Right = 12, Top = 24, PlotHeight = 270, Width = 620,
        Margin = 0.05, MainSize = 1.6;

    /// <summary>For links within the page.</summary>
    public required string Id { get; init; }

    /// <summary>What it shows.</summary>
    public required string Title { get; init; }

    /// <summary>What the horizontal axis is.</summary>
    public required string XLabel { get; init; }

    /// <summary>What the vertical axis is.</summary>
    public required string YLabel { get; init; }

    /// <summary>Names of groups; a group's index is its style's.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>The points, those on top last.</summary>
    public required IReadOnlyList<ScatterPoint> Points { get; init; }

    /// <summary>The group whose points a stair joins.</summary>
    public int Stair { get; init; } = -1;

    /// <summary>The group that the picture is about: its points are larger.</summary>
    public int Main { get; init; } = -1;

    /// <summary>The group that the others stand out from.</summary>
    public int Faint { get; init; } = -1;

    /// <summary>Points below are left out of the picture; they are among its numbers.</summary>
    public double Least { get; init; } = double.NegativeInfinity;

    /// <summary>How many that are.</summary>
    public int Below => Points.Count(p => p.Y < Least);

    private IEnumerable<ScatterPoint> Shown => Points.Where(p => p.Y >= Least);

    private Axis X => Ranged([.. Shown.Select(p => p.X)], Left, Width - Right);

    private Axis Y => Ranged([.. Shown.Select(p => p.Y)], Top + PlotHeight, Top);

    /// <summary>The picture and its legend.</summary>
    public XElement Draw() => new(
        "div", new XAttribute("class", "chart large"),
        Svg.Image(
            Id, Width, Top + PlotHeight + 34, Title, Describe(), Frame(), DrawStair(),
            Shown.Select(Draw)),
        new XElement(
            "ul", new XAttribute("class", "legend"),
            Groups.Select((name, i) => new XElement(
                "li", new XAttribute("data-name", name),
                new XAttribute("class", new Style(i).Class),
                new XElement(
                    "svg", new XAttribute("viewBox", "0 0 34 12"),
                    new XAttribute("aria-hidden", "true"),
                    Svg.Group(Kind(i), Marker(i, 17, 6))),
                " " + name))));

    /// <summary>What it shows, as numbers.</summary>
    public PlotData Data() => new(
        PlotData.Safe(Id), ["group", "name", XLabel, YLabel],
        [
            .. Points.Select(p => (string[])
            [
                Groups[p.Group], p.Name, p.X.ToString("R", CultureInfo.InvariantCulture),
                p.Y.ToString("R", CultureInfo.InvariantCulture),
            ]),
        ]);

    private static Axis Ranged(double[] values, double from, double to)
    {
        double least = values.Min(), most = values.Max();
        double room = most > least ? Margin * (most - least) : Math.Max(1, Math.Abs(most)) / 2;
        return new(most + room, from, to) { Least = least - room };
    }

    private XElement Frame() => Svg.Group(
        "frame",
        Ticks(Y).Select(t => new[]
        {
            Svg.Line("grid", Left, Y[t], Width - Right, Y[t]),
            Svg.Text("tick", Left - 5, Y[t] + 4, "end", Number(t)),
        }),
        Ticks(X).Select(t => new[]
        {
            Svg.Line("grid", X[t], Top, X[t], Top + PlotHeight),
            Svg.Text("tick", X[t], Top + PlotHeight + 15, "middle", Number(t)),
        }),
        Svg.Text("label", Width - Right, Top + PlotHeight + 29, "end", XLabel),
        Svg.Text("label", 2, Top - 8, "start", YLabel));

    private IEnumerable<XElement> DrawStair()
    {
        ScatterPoint[] points =
            [.. Points.Where(p => p.Group == Stair).OrderBy(p => p.X).ThenBy(p => p.Y)];
        if (points.Length < 2) yield break;
        yield return Svg.Group(
            $"series {new Style(Stair).Class}", new XAttribute("data-name", Groups[Stair]),
            Svg.Path("line", Svg.Points(points.Select(p => (X[p.X], Y[p.Y])))));
    }

    private XElement Draw(ScatterPoint point)
    {
        XElement marker = Marker(point.Group, X[point.X], Y[point.Y], point.Tip);
        return Svg.Group(
            Kind(point.Group), new XAttribute("data-name", Groups[point.Group]),
            point.Link is { } link
                ? new XElement("a", new XAttribute("href", $"#{link}"), marker)
                : marker);
    }

    private string Kind(int group) =>
        $"series {new Style(group).Class}{(group == Faint ? " faint" : "")}";

    private XElement Marker(int group, double x, double y, string? tip = null) =>
        new Style(group).Marker(x, y, tip, group == Main ? MainSize : 1);

    private static IEnumerable<double> Ticks(Axis axis)
    {
        double raw = (axis.Most - axis.Least) / 6;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * ((raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        for (double t = Math.Ceiling(axis.Least / step) * step; t <= axis.Most; t += step)
            yield return Math.Abs(t) < step / 1e6 ? 0 : t;
    }

    private static string Number(double value) => Math.Abs(value) switch
    {
        >= 1e6 => (value / 1e6).ToString("0.###", CultureInfo.InvariantCulture) + "M",
        >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private string Describe() => string.Join(
        " ",
        Points.Where(p => p.Link is not null).Select(p =>
            $"{p.Name}: {XLabel} {Number(p.X)}, {YLabel} {Number(p.Y)}."));
}

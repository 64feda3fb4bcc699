using System.Globalization;
using System.Xml.Linq;
using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports.Charts;

/// <summary>
/// Curves of accuracy over the size of the budget, or over the values of a swept key.
/// </summary>
internal sealed record LineChart
{
    private const double Left = 40, Right = 10, Top = 24, MarkHeight = 14;

    /// <summary>For links within the page.</summary>
    public required string Id { get; init; }

    /// <summary>What it shows.</summary>
    public required string Title { get; init; }

    /// <summary>What the horizontal axis is.</summary>
    public required string XLabel { get; init; }

    public required IReadOnlyList<Curve> Curves { get; init; }

    /// <summary>The values on the horizontal axis; null for numbers from 0 on.</summary>
    public Places? Places { get; init; }

    /// <summary>Places on the horizontal axis.</summary>
    public IReadOnlyList<AxisMark> Marks { get; init; } = [];

    /// <summary>What these are.</summary>
    public string MarksTitle { get; init; } = "crossover with float, 95 % interval";

    /// <summary>What is said where none of them has a place.</summary>
    public string NoMark { get; init; } = "none of them crosses it";

    /// <summary>Lines through the chart.</summary>
    public IReadOnlyList<AxisFlag> Flags { get; init; } = [];

    /// <summary>Bands through the chart.</summary>
    public IReadOnlyList<AccuracyBand> Bands { get; init; } = [];

    /// <summary>
    /// Whether it stands beside others, and is drawn smaller for letters of the same size.
    /// </summary>
    public bool IsSmall { get; init; }

    private double Width => IsSmall ? 340 : 620;

    private double PlotHeight => IsSmall ? 190 : 270;

    private Axis X => Places?.Axis(Left, Width - Right)
        ?? Axis.Of(Curves.SelectMany(c => c.Points).Max(p => p.X), Left, Width - Right);

    private Axis Y => new(1, Top + PlotHeight, Top);

    /// <summary>The picture and its legend.</summary>
    public XElement Draw()
    {
        int marks = Math.Max(1, Marks.Count(m => m.At is not null));
        double height = Top + PlotHeight + 34 + (Marks.Count > 0 ? (marks * MarkHeight) + 18 : 0);
        return new(
            "div",
            new XAttribute("class", IsSmall ? "chart" : "chart large"),
            Svg.Image(
                Id, Width, height, Title, Describe(), Frame(), Bands.Select(Draw),
                Flags.Select(Draw), Curves.Select(Draw), DrawMarks()),
            Legend());
    }

    private XElement Frame() => Svg.Group(
        "frame",
        Y.Ticks().Select(t => new[]
        {
            Svg.Line("grid", Left, Y[t], Width - Right, Y[t]),
            Svg.Text("tick", Left - 5, Y[t] + 4, "end", $"{100 * t:0}"),
        }),
        Ticks().Select(t => new[]
        {
            Svg.Line("grid", X[t.At], Top, X[t.At], Top + PlotHeight),
            Svg.Text("tick", X[t.At], Top + PlotHeight + 15, "middle", t.Name),
        }),
        Svg.Text("label", Width - Right, Top + PlotHeight + 29, "end", XLabel),
        Svg.Text("label", 2, Top - 8, "start", "accuracy, %"));

    private IEnumerable<(string Name, double At)> Ticks() =>
        Places?.Ticks() ?? X.Ticks().Select(t => (Words.Epsilon(t), t));

    private XElement Draw(AccuracyBand band) => Svg.Group(
        "tolerance",
        Svg.Path(
            "band",
            Svg.Points(
            [
                (Left, Y[band.High]), (Width - Right, Y[band.High]),
                (Width - Right, Y[band.Low]), (Left, Y[band.Low]),
            ]) + "Z"),
        new XElement("title", band.Text));

    /// <summary>Each with its words on a line of its own, where there is room.</summary>
    private XElement Draw(AxisFlag flag, int row)
    {
        bool isRight = X[flag.At] > (Left + Width - Right) / 2;
        return Svg.Group(
            "flag",
            Svg.Line("mark", X[flag.At], Top, X[flag.At], Top + PlotHeight),
            Svg.Text(
                "label", X[flag.At] + (isRight ? -4 : 4),
                Top + PlotHeight - 6 - (row * MarkHeight), isRight ? "end" : "start", flag.Text));
    }

    private XElement Draw(Curve curve)
    {
        var line = Svg.Path("line", Svg.Points(curve.Points.Select(p => (X[p.X], Y[p.Y]))));
        XElement? band = curve.Points.All(p => p.Low == p.High)
            ? null
            : Svg.Path(
                "band",
                Svg.Points(
                    curve
                        .Points.Select(p => (X[p.X], Y[p.High]))
                        .Concat(curve.Points.Reverse().Select(p => (X[p.X], Y[p.Low])))) + "Z");
        return new(
            "g",
            new XAttribute("class", curve.Kind),
            new XAttribute("data-name", curve.Name),
            band,
            line,
            curve.IsPredicted
                ? null
                : curve.Points.Select(p => curve.Style.Marker(X[p.X], Y[p.Y], p.Tip)));
    }

    private IEnumerable<XElement> DrawMarks()
    {
        if (Marks.Count == 0) yield break;
        double top = Top + PlotHeight + 46;
        yield return Svg.Text(
            "label", Left, top - 2, "start", MarksTitle);
        if (Marks.All(m => m.At is null))
            yield return Svg.Text("none", Left, top + 13, "start", NoMark);
        foreach ((int row, AxisMark mark) in Marks.Where(m => m.At is not null).Index())
        {
            (double y, double at) = (top + 10 + (row * MarkHeight), mark.At!.Value);
            double high = mark.High is { } h ? X[h] : Width - 2;
            yield return Svg.Group(
                $"series {mark.Style.Class}", new XAttribute("data-name", mark.Name),
                Svg.Line("span", X[mark.Low ?? at], y, high, y),
                mark.High is null
                    ? Svg.Path(
                        "arrow", Svg.Points([(high - 5, y - 4), (high, y), (high - 5, y + 4)]))
                    : null,
                mark.Style.Marker(X[at], y, mark.Tip));
        }
    }

    private XElement Legend() =>
        new(
            "ul",
            new XAttribute("class", "legend"),
            Curves.Select(c => new XElement(
                "li",
                new XAttribute("data-name", c.Name),
                new XAttribute("class", c.Style.Class),
                new XElement(
                    "svg",
                    new XAttribute("viewBox", "0 0 34 12"),
                    new XAttribute("aria-hidden", "true"),
                    Svg.Group(
                        c.Kind,
                        Svg.Line("line", 1, 6, 33, 6), c.IsPredicted ? null : c.Style.Marker(17, 6))
                ),
                " " + c.Name)));

    private string Describe() => string.Join(
        " ",
        from curve in Curves
        let points = curve.Points.Select(p => $"{Words.Percent(p.Y)} % at {NameOf(p.X)}")
        select $"{curve.Name}: {string.Join(", ", points)}.");

    private string NameOf(double x) => Places?.NameOf(x) ?? Words.Epsilon(x);

    /// <summary>What it shows, as numbers.</summary>
    public PlotData Data() => new(
        PlotData.Safe(Id), ["curve", "x", "accuracy", "low", "high"],
        [
            .. from curve in Curves
               from p in curve.Points
               select (string[])
               [
                   curve.Name,
                   Places?.NameOf(p.X) ?? p.X.ToString("R", CultureInfo.InvariantCulture),
                   .. new[] { p.Y, p.Low, p.High }.Select(
                       v => v.ToString("R", CultureInfo.InvariantCulture)),
               ],
        ]);
}

using System.Globalization;
using System.Xml.Linq;

namespace QSim.Runner.Reports.Charts;

/// <summary>A bar with its interval.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="Value">Its length.</param>
/// <param name="Low">Lower end of its interval.</param>
/// <param name="High">Upper end of it.</param>
/// <param name="Style">Index of its style.</param>
internal readonly record struct Bar(string Name, double Value, double Low, double High, int Style);

/// <summary>Bars from the longest on, each with its interval as a line.</summary>
internal sealed record BarChart
{
    private const double Width = 620, Left = 190, Right = 14, Top = 12, Row = 18;

    /// <summary>For links within the page.</summary>
    public required string Id { get; init; }

    /// <summary>What it shows.</summary>
    public required string Title { get; init; }

    /// <summary>What lengths are.</summary>
    public required string XLabel { get; init; }

    /// <summary>The bars, from above.</summary>
    public required IReadOnlyList<Bar> Bars { get; init; }

    private double Least => Math.Min(0, Bars.Min(b => b.Low));

    private double Most => Math.Max(Least + 1e-9, Bars.Max(b => b.High));

    /// <summary>The picture.</summary>
    public XElement Draw()
    {
        double bottom = Top + (Row * Bars.Count);
        return new(
            "div", new XAttribute("class", "chart large"),
            Svg.Image(
                Id, Width, bottom + 34, Title,
                string.Join(" ", Bars.Select(b => $"{b.Name}: {Number(b.Value)}.")),
                Ticks().Select(t => new[]
                {
                    Svg.Line("grid", X(t), Top, X(t), bottom),
                    Svg.Text("tick", X(t), bottom + 14, "middle", Number(t)),
                }),
                Svg.Text("label", Width - Right, bottom + 29, "end", XLabel),
                Bars.Select(Draw)));
    }

    /// <summary>What it shows, as numbers.</summary>
    public PlotData Data() => new(
        PlotData.Safe(Id), ["name", XLabel, "low", "high"],
        [
            .. Bars.Select(b => (string[])
            [
                b.Name, .. new[] { b.Value, b.Low, b.High }.Select(
                    v => v.ToString("R", CultureInfo.InvariantCulture)),
            ]),
        ]);

    private double X(double value) =>
        Left + ((Width - Left - Right) * (value - Least) / (Most - Least));

    private XElement Draw(Bar bar, int row)
    {
        double y = Top + (row * Row) + (Row / 2), zero = X(0), end = X(bar.Value);
        return Svg.Group(
            $"series {new Style(bar.Style).Class}",
            Svg.Text("tick", Left - 6, y + 4, "end", bar.Name),
            Svg.Group(
                "point",
                new XElement(
                    "rect", Svg.At("x", Math.Min(zero, end)), Svg.At("y", y - 5),
                    Svg.At("width", Math.Abs(end - zero)), Svg.At("height", 10)),
                new XElement(
                    "title",
                    $"{bar.Name}: {Number(bar.Value)}, {Number(bar.Low)} to {Number(bar.High)}")),
            Svg.Line("span", X(bar.Low), y, X(bar.High), y));
    }

    private IEnumerable<double> Ticks()
    {
        double raw = (Most - Least) / 6, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * ((raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        for (double t = Math.Ceiling(Least / step) * step; t <= Most; t += step)
            yield return Math.Abs(t) < step / 1e6 ? 0 : t;
    }

    private static string Number(double value) =>
        value.ToString("0.##", CultureInfo.InvariantCulture);
}

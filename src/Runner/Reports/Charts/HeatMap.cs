using System.Globalization;
using System.Xml.Linq;
using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports.Charts;

/// <summary>A field of a map.</summary>
/// <param name="Column">Index of its column.</param>
/// <param name="Row">Index of its row.</param>
/// <param name="Accuracy">What it shows, 0..1.</param>
internal readonly record struct HeatField(int Column, int Row, double Accuracy);

/// <summary>Accuracy over two keys: a field per pair, darker where more is lost.</summary>
internal sealed record HeatMap
{
    private const double Left = 52, Top = 24, FieldHeight = 26, Right = 6, Width = 340;

    /// <summary>The darkest still lets one read what is written on it.</summary>
    private const double Darkest = 0.62;

    /// <summary>For links within the page.</summary>
    public required string Id { get; init; }

    /// <summary>What it shows.</summary>
    public required string Title { get; init; }

    /// <summary>What columns are.</summary>
    public required string XLabel { get; init; }

    /// <summary>What rows are.</summary>
    public required string YLabel { get; init; }

    /// <summary>Values of columns, from the left.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Values of rows, from below.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>The accuracy that losses are of, 0..1.</summary>
    public required double Reference { get; init; }

    /// <summary>The loss that a frame marks as still good enough.</summary>
    public required double Tolerance { get; init; }

    public required IReadOnlyList<HeatField> Fields { get; init; }

    private double FieldWidth => (Width - Left - Right) / Columns.Count;

    /// <summary>The picture.</summary>
    public XElement Draw()
    {
        double bottom = Top + (FieldHeight * Rows.Count);
        return new(
            "div", new XAttribute("class", "chart"),
            Svg.Image(
                Id, Width, bottom + 36, Title, Describe(),
                Svg.Text("label", 2, Top - 10, "start", YLabel),
                Svg.Text("label", Width - Right, bottom + 31, "end", XLabel),
                Columns.Select((c, i) => Svg.Text(
                    "tick", Left + ((i + 0.5) * FieldWidth), bottom + 15, "middle", c)),
                Rows.Select((r, i) => Svg.Text(
                    "tick", Left - 5, Y(i) + (FieldHeight / 2) + 4, "end", r)),
                Svg.Group("heat", Fields.Select(Draw))));
    }

    /// <summary>What it shows, as numbers.</summary>
    public PlotData Data() => new(
        PlotData.Safe(Id), [XLabel, YLabel, "accuracy"],
        [
            .. Fields.Select(f => (string[])
            [
                Columns[f.Column], Rows[f.Row],
                f.Accuracy.ToString("R", CultureInfo.InvariantCulture),
            ]),
        ]);

    private double Y(int row) => Top + ((Rows.Count - 1 - row) * FieldHeight);

    private XElement Draw(HeatField field)
    {
        double loss = Math.Max(0, Reference - field.Accuracy);
        double most = Math.Max(Tolerance, Reference - Fields.Min(f => f.Accuracy));
        bool isWithin = Reference - field.Accuracy <= Tolerance + 1e-12;
        double x = Left + (field.Column * FieldWidth), y = Y(field.Row);
        return new(
            "g", new XAttribute("class", "point"),
            new XElement(
                "rect", new XAttribute("class", isWithin ? "field within" : "field"),
                Svg.At("x", x + 1), Svg.At("y", y + 1), Svg.At("width", FieldWidth - 2),
                Svg.At("height", FieldHeight - 2),
                Svg.At("fill-opacity", Darkest * Math.Sqrt(loss / most))),
            Svg.Text(
                "value", x + (FieldWidth / 2), y + (FieldHeight / 2) + 4, "middle",
                (100 * field.Accuracy).ToString(
                    FieldWidth < 30 ? "0" : "0.0", CultureInfo.InvariantCulture)),
            new XElement(
                "title",
                $"{XLabel} {Columns[field.Column]}, {YLabel} {Rows[field.Row]}: "
                    + $"{Words.Percent(field.Accuracy)} %"));
    }

    private string Describe() => string.Join(
        " ",
        Rows.Select((name, row) => $"{YLabel} {name}: " + string.Join(
            ", ",
            Fields.Where(f => f.Row == row).OrderBy(f => f.Column).Select(f =>
                $"{Words.Percent(f.Accuracy)} % at {Columns[f.Column]}")) + "."));
}

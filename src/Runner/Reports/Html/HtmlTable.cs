using System.Globalization;
using System.Xml.Linq;
using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports.Html;

/// <summary>Tables of a page: they scroll by themselves where the window is narrow.</summary>
internal static class HtmlTable
{
    /// <summary>Steps of colour, light to strong.</summary>
    private const int HeatSteps = 7;

    /// <summary>A table; behind a line to click on where it is folded.</summary>
    public static XElement Write(Table table)
    {
        var content = new XElement(
            "table",
            new XElement("caption", new XElement("span", table.Caption)),
            new XElement(
                "thead",
                new XElement(
                    "tr",
                    table.Header.Select(
                        (h, i) =>
                            new XElement(
                                "th", new XAttribute("scope", "col"),
                                HtmlWriter.Class(IsNumber(table, i) ? "number" : null), h)))),
            new XElement(
                "tbody",
                table.Rows.Select(r => new object[] { "\n", new XElement("tr", r.Select(Write)) }))
        );
        // Whoever has no pointer can scroll it too.
        var box = new XElement(
            "div", new XAttribute("class", "table"), new XAttribute("role", "region"),
            new XAttribute("tabindex", "0"), new XAttribute("aria-label", table.Caption), content);
        return table.IsFolded
            ? new(
                "details",
                new XElement(
                    "summary", $"{table.Caption} ({Words.Plural(table.Rows.Count, "row")})"),
                box)
            : box;
    }

    private static bool IsNumber(Table table, int column) =>
        table.Rows.Any(r => r[column].IsNumber);

    private static XElement Write(Cell cell, int column)
    {
        // The root: shares of a few percent are what one looks for.
        string? heat = cell.Heat is { } h and > 0
            ? $"heat{Math.Clamp((int)Math.Ceiling(Math.Sqrt(h) * HeatSteps), 1, HeatSteps)}"
            : null;
        string[] classes = [.. new[] { cell.IsNumber ? "number" : null, heat }.OfType<string>()];
        return new(
            column == 0 ? "th" : "td", column == 0 ? new XAttribute("scope", "row") : null,
            HtmlWriter.Class(classes.Length == 0 ? null : string.Join(' ', classes)),
            cell.Order is { } order
                ? new XAttribute("data-order", order.ToString("R", CultureInfo.InvariantCulture))
                : null,
            cell.Text,
            cell.Note.Length == 0 ? null : new object[] { " ", new XElement("small", cell.Note) });
    }
}

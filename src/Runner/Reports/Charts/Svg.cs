using System.Globalization;
using System.Xml.Linq;

namespace QSim.Runner.Reports.Charts;

/// <summary>Elements of pictures. They carry no namespace, as inside a page.</summary>
internal static class Svg
{
    /// <summary>A picture that scales with the page and says in words what it shows.</summary>
    public static XElement Image(
        string id, double width, double height, string title, string description,
        params object[] content) =>
        new(
            "svg", new XAttribute("viewBox", $"0 0 {Number(width)} {Number(height)}"),
            new XAttribute("role", "img"),
            new XAttribute("aria-labelledby", $"{id}-title {id}-desc"),
            new XElement("title", new XAttribute("id", $"{id}-title"), title),
            new XElement("desc", new XAttribute("id", $"{id}-desc"), description), content);

    /// <summary>A group of elements of a class.</summary>
    public static XElement Group(string kind, params object?[] content) =>
        new("g", new XAttribute("class", kind), content);

    public static XElement Line(string kind, double x1, double y1, double x2, double y2) =>
        new(
            "line", new XAttribute("class", kind), At("x1", x1), At("y1", y1), At("x2", x2),
            At("y2", y2));

    /// <summary>A text.</summary>
    /// <param name="kind">Its classes.</param>
    /// <param name="x">Where.</param>
    /// <param name="y">Where; the base line.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="text">What it says.</param>
    public static XElement Text(string kind, double x, double y, string anchor, string text) =>
        new(
            "text", new XAttribute("class", kind), At("x", x), At("y", y),
            new XAttribute("text-anchor", anchor), text);

    public static XElement Path(string kind, string data) =>
        new("path", new XAttribute("class", kind), new XAttribute("d", data));

    /// <summary>A path's points: <c>M</c>, then <c>L</c>.</summary>
    public static string Points(IEnumerable<(double X, double Y)> points) => string.Join(
        ' ', points.Select((p, i) => $"{(i == 0 ? 'M' : 'L')}{Number(p.X)} {Number(p.Y)}"));

    /// <summary>An attribute that is a number.</summary>
    public static XAttribute At(string name, double value) => new(name, Number(value));

    /// <summary>A coordinate, to a hundredth.</summary>
    public static string Number(double value) =>
        Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);
}

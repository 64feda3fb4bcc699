using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using QSim.Runner.Output;

namespace QSim.Runner.Reports.Charts;

/// <summary>
/// Pictures of a report as files of their own, for print: a size in millimetres, the legend inside,
/// and colours as attributes, since few programs but browsers read style sheets.
/// </summary>
internal static class PaperSvg
{
    /// <summary>Letters of 12 units are then 3 mm high, 8.5 pt.</summary>
    private const double MillimetresAUnit = 0.25;

    private const double LegendRow = 17, KeyWidth = 40, LetterWidth = 6.4, Gap = 16;

    private static readonly XNamespace Namespace = "http://www.w3.org/2000/svg";

    /// <summary>The text of the file.</summary>
    /// <param name="content">A picture as pages have it, perhaps with a legend.</param>
    public static string Of(XElement content)
    {
        XElement picture = content.Name.LocalName == "svg" ? content : content.Element("svg")!;
        double[] box =
        [
            .. picture.Attribute("viewBox")!.Value.Split(' ').Select(
                n => double.Parse(n, CultureInfo.InvariantCulture)),
        ];
        (double width, double height) = (box[2], box[3]);
        var painted = new XElement(
            Namespace + "svg",
            picture.Nodes().Select(n => Painted(n, PaperPaint.Start)),
            Legend(content.Element("ul"), width, ref height));
        painted.AddFirst(new XElement(
            Namespace + "rect", new XAttribute("width", "100%"), new XAttribute("height", "100%"),
            new XAttribute("fill", "#ffffff")));
        painted.Add(
            new XAttribute("viewBox", $"0 0 {Svg.Number(width)} {Svg.Number(height)}"),
            new XAttribute("width", $"{Svg.Number(width * MillimetresAUnit)}mm"),
            new XAttribute("height", $"{Svg.Number(height * MillimetresAUnit)}mm"),
            Kept(picture));
        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{painted}\n";
    }

    /// <summary>What a picture sets itself that concerns its look.</summary>
    private static IEnumerable<XAttribute> Kept(XElement picture) =>
        picture.Attributes()
            .Where(a => a.Name.LocalName is "font-family" or "font-size" or "fill")
            .Select(a => new XAttribute(
                a.Name, a.Value == "currentColor" ? PaperPaint.Ink : a.Value));

    private static object? Painted(XNode node, PaperPaint around)
    {
        if (node is XText text) return new XText(Clean(Untrusted.Line(text.Value)));
        if (node is not XElement element) return null;
        PaperPaint paint = around.Within(element);
        return new XElement(
            Namespace + element.Name.LocalName,
            element.Attributes().Where(IsOfShape).Select(a => new XAttribute(
                a.Name, a.Value == "currentColor" ? PaperPaint.Ink : a.Value)),
            paint.Attributes(element),
            element.Nodes().Select(n => Painted(n, paint)));
    }

    private static bool IsOfShape(XAttribute attribute) =>
        attribute.Name.LocalName is not ("class" or "data-name" or "role" or "id")
        && !attribute.Name.LocalName.StartsWith("aria-", StringComparison.Ordinal);

    /// <summary>A key and a name for each curve, in rows below the picture.</summary>
    private static List<XElement> Legend(XElement? list, double width, ref double height)
    {
        var drawn = new List<XElement>();
        if (list is null) return drawn;
        double x = 4, y = height + 2;
        foreach (XElement item in list.Elements("li"))
        {
            string name = Clean(Untrusted.Line(item.Value.Trim()));
            double room = KeyWidth + (name.Length * LetterWidth) + Gap;
            if (x > 4 && x + room > width) (x, y) = (4, y + LegendRow);
            drawn.Add(new(
                Namespace + "g", new XAttribute("transform", FormattableString.Invariant(
                    $"translate({Svg.Number(x)} {Svg.Number(y)})")),
                item.Element("svg")!.Nodes().Select(n => Painted(
                    n, PaperPaint.Start.Within(item))),
                Painted(Svg.Text("", KeyWidth, 10, "start", name), PaperPaint.Start)));
            x += room;
        }

        height = y + LegendRow;
        return drawn;
    }

    private static string Clean(string text) =>
        string.Concat(text.Where(c => XmlConvert.IsXmlChar(c)));
}

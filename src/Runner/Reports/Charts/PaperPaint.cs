using System.Xml.Linq;

namespace QSim.Runner.Reports.Charts;

/// <summary>
/// What the page's style sheet says of pictures in its light scheme, as attributes.
/// </summary>
/// <param name="Series">The curve that an element belongs to; -1 for none.</param>
/// <param name="IsThin">Whether the curve is drawn thin.</param>
/// <param name="IsProved">Whether it is proved.</param>
/// <param name="Around">Classes of the elements around.</param>
internal sealed record PaperPaint(int Series, bool IsThin, bool IsProved, string Around)
{
    /// <summary>The colour of letters.</summary>
    public const string Ink = "#1a1c1f";

    private const string Soft = "#555b63", Rule = "#d5d9df", Paper = "#ffffff", Link = "#0b5cad",
        Heat = "#c44e00";

    /// <summary>The colours of curves, the float network's first.</summary>
    public static IReadOnlyList<string> Colours { get; } =
        [Ink, "#0072b2", "#c44e00", "#00795c", "#a3327a", "#7d6200", "#5b4bb7"];

    private static readonly string[] Dashes =
        ["", "9 3", "2 3", "9 3 2 3", "5 3", "14 4", "2 3 2 3 9 3"];

    /// <summary>Outside of everything.</summary>
    public static PaperPaint Start { get; } = new(-1, false, false, "");

    /// <summary>The paint inside an element.</summary>
    public PaperPaint Within(XElement element)
    {
        string[] classes = Classes(element);
        int series = Series;
        foreach (string word in classes)
            if (word.Length == 2 && word[0] == 's' && char.IsAsciiDigit(word[1]))
                series = word[1] - '0';
        return new(
            series, IsThin || classes.Contains("predicted") || classes.Contains("proved"),
            IsProved || classes.Contains("proved"), $"{Around} {string.Join(' ', classes)}");
    }

    /// <summary>What an element looks like.</summary>
    public IEnumerable<XAttribute> Attributes(XElement element)
    {
        string colour = Series < 0 ? Ink : Colours[Series];
        bool IsAround(string word) => Around.Split(' ').Contains(word);
        return (element.Name.LocalName, Classes(element).FirstOrDefault()) switch
        {
            ("text", var kind) when element.Attribute("fill") is null && !HasOwnFont(element) =>
                Of(
                    ("font-family", "Helvetica, Arial, sans-serif"), ("font-size", "12"),
                    ("fill", kind is "tick" or "label" or "none" ? Soft : Ink)),
            (_, "grid") => Of(("stroke", Rule), ("stroke-width", "1")),
            (_, "line") => Of(
                ("fill", "none"), ("stroke", colour), ("stroke-width", IsThin ? "1.2" : "2"),
                ("stroke-linejoin", "round"),
                ("stroke-dasharray", IsProved ? "5 3" : Dashes[Math.Max(0, Series)])),
            (_, "band") => Of(
                ("fill", IsAround("tolerance") ? Link : colour), ("fill-opacity", "0.1")),
            (_, "arrow") => Of(("fill", "none"), ("stroke", colour), ("stroke-width", "2")),
            (_, "span") => Of(("stroke", colour), ("stroke-width", "2")),
            (_, "mark") => Of(
                ("stroke", Soft), ("stroke-width", "1"), ("stroke-dasharray", "3 3")),
            ("rect", null) when IsAround("series") => Of(("fill", colour)),
            (_, "field") => Of(
                ("fill", Heat), ("stroke", IsAround("within") ? Ink : Rule),
                ("stroke-width", IsAround("within") ? "1.5" : "1")),
            (_, "point") when IsAround("faint") => Of(("fill", Soft), ("fill-opacity", "0.4")),
            (_, "point") when !IsAround("heat") => Of(
                ("fill", colour), ("stroke", Paper), ("stroke-width", "1")),
            _ => [],
        };
    }

    /// <summary>Block diagrams say at their top what letters look like.</summary>
    private static bool HasOwnFont(XElement element) =>
        element.AncestorsAndSelf().Any(e => e.Attribute("font-size") is not null);

    private static IEnumerable<XAttribute> Of(params (string Name, string Value)[] attributes) =>
        attributes.Where(a => a.Value.Length > 0).Select(a => new XAttribute(a.Name, a.Value));

    private static string[] Classes(XElement element) =>
        element.Attribute("class")?.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
}

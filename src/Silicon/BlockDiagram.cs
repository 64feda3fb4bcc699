using System.Globalization;
using System.Xml.Linq;

namespace QSim.Silicon;

/// <summary>One box of a block diagram.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Details">What it does, in lines of a few words.</param>
/// <param name="OutBits">Width of what leaves it.</param>
/// <param name="IsRegister">Whether it holds a value from clock to clock.</param>
/// <param name="FeedsBack">Whether what leaves it goes in again.</param>
internal sealed record DiagramBox(
    string Title, IReadOnlyList<string> Details, int OutBits, bool IsRegister = false,
    bool FeedsBack = false);

/// <summary>
/// A block diagram of a multiply-accumulate unit: boxes from operands to output, each arrow with
/// its width, registers with a clock's triangle.
/// </summary>
internal static class BlockDiagram
{
    private const int BoxWidth = 136;
    private const int BoxHeight = 84;
    private const int Gap = 52;
    private const int Left = 74;
    private const int Top = 34;

    /// <summary>The picture, without a namespace, as inside a page.</summary>
    /// <param name="id">What its title's identifier begins with.</param>
    /// <param name="title">What it is of.</param>
    /// <param name="operands">What goes in, as in <c>x 8, w 8</c>.</param>
    /// <param name="boxes">The boxes, in the order in which values pass.</param>
    public static XElement Of(
        string id, string title, string operands, IReadOnlyList<DiagramBox> boxes)
    {
        int width = Left + (boxes.Count * (BoxWidth + Gap)) + 12;
        var svg = new XElement(
            "svg", Number("viewBox", $"0 0 {width} {Top + BoxHeight + 34}"),
            new XAttribute("role", "img"), new XAttribute("font-family", "sans-serif"),
            new XAttribute("font-size", "11"), new XAttribute("fill", "currentColor"),
            new XAttribute("aria-labelledby", $"{id}-title {id}-desc"),
            new XElement("title", new XAttribute("id", $"{id}-title"), title),
            new XElement("desc", new XAttribute("id", $"{id}-desc"), Described(operands, boxes)));
        svg.Add(Text(4, Top + (BoxHeight / 2) - 8, "start", operands));
        svg.Add(Arrow(4, Left, Top + (BoxHeight / 2)));
        foreach ((int i, DiagramBox box) in boxes.Index())
            svg.Add(Box(Left + (i * (BoxWidth + Gap)), box));
        return svg;
    }

    /// <summary>The same as a file of its own.</summary>
    public static string File(XElement picture) => new XElement(picture)
        .ToString()
        .Replace(
            "<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" style=\"background: white\" ",
            StringComparison.Ordinal) + "\n";

    private static string Described(string operands, IReadOnlyList<DiagramBox> boxes) =>
        $"From {operands} bits: " + string.Join(
            "; then ", boxes.Select(b =>
                $"{b.Title} ({string.Join(", ", b.Details)}), {b.OutBits} bits"));

    private static IEnumerable<XElement> Box(int x, DiagramBox box)
    {
        yield return new(
            "rect", At("x", x), At("y", Top), At("width", BoxWidth), At("height", BoxHeight),
            new XAttribute("fill", "none"), new XAttribute("stroke", "currentColor"));
        yield return new(
            "text", At("x", x + (BoxWidth / 2)), At("y", Top + 18),
            new XAttribute("text-anchor", "middle"), new XAttribute("font-weight", "bold"),
            box.Title);
        foreach ((int i, string line) in box.Details.Index())
            yield return Text(x + (BoxWidth / 2), Top + 36 + (i * 14), "middle", line);
        if (box.IsRegister)
            yield return Path(
                $"M{x + 8} {Top + BoxHeight} l6 -9 l6 9");
        int middle = Top + (BoxHeight / 2), right = x + BoxWidth;
        foreach (XElement part in Arrow(right, right + Gap, middle)) yield return part;
        yield return Text(
            right + (Gap / 2), middle - 6, "middle",
            box.OutBits.ToString(CultureInfo.InvariantCulture));
        if (box.FeedsBack)
        {
            yield return Path(
                $"M{right + 14} {middle} V{Top - 14} H{x - 14} V{middle - 12} l4 0");
            yield return Path($"M{x - 5} {middle - 15} l5 3 l-5 3");
        }
    }

    private static IEnumerable<XElement> Arrow(int from, int to, int y) =>
        [Path($"M{from} {y} H{to}"), Path($"M{to - 6} {y - 4} L{to} {y} L{to - 6} {y + 4}")];

    private static XElement Path(string data) => new(
        "path", new XAttribute("d", data), new XAttribute("fill", "none"),
        new XAttribute("stroke", "currentColor"));

    private static XElement Text(int x, int y, string anchor, string text) => new(
        "text", At("x", x), At("y", y), new XAttribute("text-anchor", anchor), text);

    private static XAttribute At(string name, int value) =>
        Number(name, value.ToString(CultureInfo.InvariantCulture));

    private static XAttribute Number(string name, string value) => new(name, value);
}

using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using QSim.Runner.Output;
using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports.Html;

/// <summary>
/// A report as one page that needs nothing else: style, script and pictures are inside, and it asks
/// no network. It is well-formed XML as well.
/// </summary>
internal static partial class HtmlWriter
{
    /// <summary>The page.</summary>
    public static string Write(ReportDocument report)
    {
        XElement page = new(
            "html", new XAttribute("lang", "en"),
            new XElement(
                "head", new XElement("meta", new XAttribute("charset", "utf-8")),
                Meta("viewport", "width=device-width, initial-scale=1"),
                Meta("color-scheme", "light dark"), new XElement("title", report.Title),
                Inline("style", "report.css")),
            new XElement(
                "body", Header(report), new XElement("main", report.Sections.Select(Section)),
                Inline("script", "report.js")));
        // What XML cannot say at all, as a control character in somebody's file name, is shown as a
        // replacement character.
        foreach (XText text in page.DescendantNodes().OfType<XText>())
            text.Value = Clean(Untrusted.Lines(text.Value));
        foreach (XAttribute attribute in page.DescendantsAndSelf().Attributes())
            attribute.Value = Clean(Untrusted.Line(attribute.Value));
        return $"<!DOCTYPE html>\n{page.ToString(SaveOptions.DisableFormatting)}\n";
    }

    private static XElement Meta(string name, string content) =>
        new("meta", new XAttribute("name", name), new XAttribute("content", content));

    private static XElement Header(ReportDocument report) => new(
        "header", new XElement("h1", report.Title), new XElement("p", report.Summary),
        new XElement(
            "nav", new XAttribute("aria-label", "Sections"),
            new XElement("ul", report.Sections.Where(s => s.IsListed).Select(s => new XElement(
                "li", new XElement("a", new XAttribute("href", $"#{s.Id}"), s.Title))))));

    private static object[] Section(ReportSection section) =>
        [
            "\n",
            new XElement(
                "section", new XAttribute("id", section.Id),
                new XAttribute("aria-labelledby", $"{section.Id}-heading"),
                new XElement("h2", new XAttribute("id", $"{section.Id}-heading"), section.Title),
                section.Blocks.Select(b => new object[] { "\n", Block(b) })),
        ];

    private static XElement Block(ReportBlock block) =>
        block switch
        {
            Paragraph p => new(
                "p", Class(p.Emphasis == Emphasis.None ? null : EnumWord.Of(p.Emphasis)),
                p.HasFormulas ? Formula(p.Text) : p.Text),
            Subheading h => new("h3", h.Text),
            Bullets b => new("ul", b.Items.Select(i => new XElement("li", i))),
            Formula f => new("p", Class("formula"), Formula(f.Text)),
            Table t => HtmlTable.Write(t),
            Figure f => new(
                "figure", Class(f.IsWide ? "wide" : null),
                f.Plot is { } plot ? new XAttribute("data-plot", plot.Name) : null, f.Content,
                new XElement("figcaption", f.Caption)),
            Gallery g => new("div", Class("gallery"), g.Figures.Select(Block)),
            Folded f => new(
                "details", new XElement("summary", f.Title), f.Blocks.Select(Block)),
            _ => throw new ArgumentOutOfRangeException(nameof(block)),
        };

    /// <summary>An attribute, or none.</summary>
    internal static XAttribute? Class(string? name) => name is null ? null : new("class", name);

    private static IEnumerable<object> Formula(string text) =>
        Script()
            .Split(text)
            .Select(part =>
                part switch
                {
                    ['_', '{', .. var low, '}'] => new XElement("sub", low),
                    ['^', '{', .. var high, '}'] => new XElement("sup", high),
                    _ => (object)part,
                });

    /// <summary>
    /// A file of this program inside an element. The marks of XML hide in comments, which both
    /// styles and scripts have, so that it means the same to readers of XML and of HTML.
    /// </summary>
    private static XElement Inline(string element, string resource)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return new(
            element, "/*", new XCData($"*/\n{reader.ReadToEnd().ReplaceLineEndings("\n")}/*"),
            "*/");
    }

    private static string Clean(string text) =>
        text.All(XmlConvert.IsXmlChar) ? text : string.Concat(text.EnumerateRunes().Select(r =>
            r.Value < 0x10000 && !XmlConvert.IsXmlChar((char)r.Value) ? "\uFFFD" : r.ToString()));

    [GeneratedRegex(@"([_^]\{[^}]*\})")]
    private static partial Regex Script();
}

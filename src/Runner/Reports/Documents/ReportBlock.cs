using System.Xml.Linq;
using QSim.Runner.Reports.Charts;

namespace QSim.Runner.Reports.Documents;

/// <summary>
/// A part of a report's section, in no particular format: a page and a text file are made of the
/// same ones.
/// </summary>
internal abstract record ReportBlock;

/// <summary>A paragraph of plain text.</summary>
/// <param name="Text">The text.</param>
internal sealed record Paragraph(string Text) : ReportBlock
{
    /// <summary>How it is set apart, if it is.</summary>
    public Emphasis Emphasis { get; init; }

    /// <summary>Whether it is marked up as formulas are; of constant text only.</summary>
    public bool HasFormulas { get; init; }
}

/// <summary>How a paragraph is set apart from others.</summary>
internal enum Emphasis
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>The sentence to take away.</summary>
    Lead,

    /// <summary>Something to beware of.</summary>
    Warning,
}

/// <summary>A heading within a section.</summary>
/// <param name="Text">The heading.</param>
internal sealed record Subheading(string Text) : ReportBlock;

/// <summary>Sentences in a list.</summary>
/// <param name="Items">One at least.</param>
internal sealed record Bullets(IReadOnlyList<string> Items) : ReportBlock;

/// <summary>
/// A formula on a line of its own: <c>_{..}</c> is lowered, <c>^{..}</c> raised. Of constant text
/// only, as nothing in it can be escaped.
/// </summary>
/// <param name="Text">The formula.</param>
internal sealed record Formula(string Text) : ReportBlock;

/// <summary>A table.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Header">One cell per column.</param>
/// <param name="Rows">Each as long as the header; the first cell names the row.</param>
internal sealed record Table(
    string Caption, IReadOnlyList<string> Header, IReadOnlyList<Cell[]> Rows) : ReportBlock
{
    /// <summary>Whether a page shows it only on demand.</summary>
    public bool IsFolded { get; init; }

    /// <summary>
    /// Its name in few words, for plain text; null for the caption, empty for none.
    /// </summary>
    public string? Title { get; init; }

    /// <summary>Columns that every part has where a table is too wide for plain text.</summary>
    public int KeyColumns { get; init; } = 1;
}

/// <summary>A cell of a table.</summary>
/// <param name="Text">What it says.</param>
internal sealed record Cell(string Text)
{
    /// <summary>
    /// What belongs to it and matters less, as an interval does; empty for nothing.
    /// </summary>
    public string Note { get; init; } = "";

    /// <summary>What plain text says in place of text and note; null for the text.</summary>
    public string? Brief { get; init; }

    /// <summary>Whether it is aligned as numbers are.</summary>
    public bool IsNumber { get; init; }

    /// <summary>What it is sorted by; null for its text.</summary>
    public double? Order { get; init; }

    /// <summary>How strongly it is coloured, 0..1; null for not at all.</summary>
    public double? Heat { get; init; }

    /// <summary>Text.</summary>
    public static implicit operator Cell(string text) => new(text);

    /// <summary>A number, as it is to be read and as it is.</summary>
    public static Cell Number(string text, double value) =>
        new(text) { IsNumber = true, Order = value };

    /// <summary>A count.</summary>
    public static Cell Number(long value) =>
        Number(value.ToString(System.Globalization.CultureInfo.InvariantCulture), value);
}

/// <summary>Pictures beside each other, as far as the width allows.</summary>
/// <param name="Figures">One at least.</param>
internal sealed record Gallery(IReadOnlyList<Figure> Figures) : ReportBlock;

/// <summary>A picture, which a text file leaves out.</summary>
/// <param name="Content">SVG, or HTML with SVG in it.</param>
/// <param name="Caption">What it shows and how to read it.</param>
internal sealed record Figure(XElement Content, string Caption) : ReportBlock
{
    /// <summary>Whether it needs the whole width.</summary>
    public bool IsWide { get; init; }

    /// <summary>What files of it are called and hold; null for a picture that has none.</summary>
    public PlotData? Plot { get; init; }
}

/// <summary>Blocks that a page shows only on demand.</summary>
/// <param name="Title">What they are.</param>
/// <param name="Blocks">In order.</param>
internal sealed record Folded(string Title, IReadOnlyList<ReportBlock> Blocks) : ReportBlock;

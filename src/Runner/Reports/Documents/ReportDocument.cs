namespace QSim.Runner.Reports.Documents;

/// <summary>A report.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Summary">One line under it.</param>
/// <param name="Sections">In order.</param>
internal sealed record ReportDocument(
    string Title, string Summary, IReadOnlyList<ReportSection> Sections);

/// <summary>A section of a report.</summary>
/// <param name="Id">For links to it.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Blocks">In order.</param>
internal sealed record ReportSection(string Id, string Title, IReadOnlyList<ReportBlock> Blocks)
{
    /// <summary>Whether the page's list of sections has it.</summary>
    public bool IsListed { get; init; } = true;
}

using QSim.Runner.Output;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports;

/// <summary>What the checks say, for people: warnings, then one closing sentence.</summary>
internal static class VerdictText
{
    private const int Width = 100;

    /// <summary>Doubts written out before the rest is left to the file.</summary>
    private const int MostWarnings = 12;

    /// <summary>Warnings to stderr, unless unwanted.</summary>
    public static void Warn(Screen screen, StudyResults results)
    {
        foreach (StudyDoubt doubt in results.Doubts.Take(MostWarnings))
            screen.Note($"warning: {doubt.Check}: {doubt.Message}");
        if (results.Doubts.Count > MostWarnings)
            screen.Note($"warning: and {results.Doubts.Count - MostWarnings} more in doubts.csv");
    }

    /// <summary>
    /// The verdict, continued on indented lines where it is long; nothing while something is
    /// missing.
    /// </summary>
    public static IEnumerable<string> Lines(StudyResults results) =>
        results.Verdict is { Line: var line } ? Words.Wrapped("Verdict: " + line, Width) : [];
}

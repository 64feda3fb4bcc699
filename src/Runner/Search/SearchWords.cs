using System.Globalization;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Search;

/// <summary>What a search came to, in sentences.</summary>
/// <param name="results">What was found.</param>
/// <param name="plan">What was looked for.</param>
internal sealed class SearchWords(SearchResults results, SearchPlan plan)
{
    /// <summary>The sentences to take away, for the page and the terminal.</summary>
    public IEnumerable<string> Lead()
    {
        yield return Looked();
        if (results.Front.Count == 0)
        {
            yield return "None of them meets every constraint: "
                + $"{Words.List([.. plan.Constraints.Select(c => c.ToString())])}.";
            yield break;
        }

        foreach (Metric cost in plan.Objectives.Where(o => !o.IsAccuracy))
            if (Saving(cost) is { } saving) yield return saving;
        yield return Moved();
    }

    /// <summary>
    /// What to beware of: a search finds what its attacks fail on as readily as what resists.
    /// </summary>
    public string? Doubt() => results.Verdict is { Believable: false, Line: var line }
        && plan.Objectives.Any(o => o.Kind == MetricKind.Worst)
            ? $"The attacks may have failed where the hardware seems to resist: {line}. Measure "
                + "the front again under others, as ensemble or adaptive, before it is believed."
            : null;

    /// <summary>A figure as people read it.</summary>
    public static string Figure(double value) => Math.Abs(value) switch
    {
        >= 1000 => Words.Count((long)Math.Round(value)).Replace('\u202F', ' '),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>A difference with its sign.</summary>
    public static string Signed(double value) => value switch
    {
        > 0 => "+" + Figure(value),
        < 0 => "-" + Figure(-value),
        _ => "0",
    };

    private string Looked()
    {
        string objectives = Words.List([.. plan.Objectives.Select(o => o.Name)]);
        int looked = results.Designs.Count, whole = Count(DesignFate.Whole);
        string how = results.IsExhaustive
            ? $"All {Figure(results.Space)} designs were looked at"
            : $"{looked} of {Figure(results.Space)} designs were looked at ({whole} on all "
                + $"{results.Start.Images} images, {Count(DesignFate.Raced)} dropped on fewer, "
                + $"{Count(DesignFate.Constrained)} for a constraint, "
                + $"{Count(DesignFate.Impossible)} impossible)";
        string other = plan.Constraints.Count > 0 ? "other that meets the constraints" : "other";
        return $"{how}; {results.Front.Count} of them are on the front of {objectives}: no {other} "
            + "is as good in all of these and better in one.";
    }

    private int Count(DesignFate fate) =>
        results.Fates.GetValueOrDefault(EnumWord.Of(fate));

    /// <summary>The cheapest that loses no more than the tolerance against the start.</summary>
    private string? Saving(Metric cost)
    {
        double points = results.Study.Points;
        string[] accuracies = [.. plan.Objectives.Where(o => o.IsAccuracy).Select(o => o.Name)];
        FoundDesign? cheapest = results.Front
            .Where(d => accuracies.All(a =>
                d.Figures[a] >= results.Start.Figures[a] - points - 1e-9))
            .MinBy(d => d.Figures[cost.Name]);
        if (cheapest is null) return null;
        double before = results.Start.Figures[cost.Name], after = cheapest.Figures[cost.Name];
        string than = after <= before
            ? $"{Words.Percent(1 - (after / before))} % less"
            : $"{Words.Percent((after / before) - 1)} % more";
        return $"{cheapest.Name} has {than} {cost.Name} than {results.Start.Name} "
            + $"({Figure(after)} against {Figure(before)} {cost.Unit}) and is in no accuracy more "
            + $"than {Reports.Sections.SweepWords.Points(points)} below it on the search's images.";
    }

    private string Moved()
    {
        var moves =
            (from design in results.Front
             from held in design.HeldBack
             select (design.Name, Figure: held.Key,
                 By: held.Value - design.Figures[held.Key])).ToArray();
        if (moves.Length == 0) return "The front has not been measured on other images yet.";
        var most = moves.MaxBy(m => Math.Abs(m.By));
        int kept = (int)Math.Round((results.FrontHeld ?? 0) * results.Front.Count);
        return $"On images that the search did not see, accuracies of the front moved by "
            + $"{Signed(Math.Round(moves.Average(m => m.By), 2))} points in the mean, at most "
            + $"by {Signed(Math.Round(most.By, 2))} ({most.Name}, {most.Figure}); {kept} of "
            + $"{results.Front.Count} designs are on the front there, too.";
    }
}

using QSim.Attacks.Evaluation;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>
/// What to keep in mind with these numbers: from what was asked, and what was not.
/// </summary>
internal static class WarningSection
{
    private const int FewImages = 1000;

    private const int MostDoubts = 12;

    /// <summary>Said of data without images to train or calibrate on.</summary>
    public const string OneSet = "Scales were calibrated on the images that are tested: the data "
        + "has no others.";

    /// <summary>The section.</summary>
    public static ReportSection Of(ReportData data)
    {
        var blocks = new List<ReportBlock> { new Bullets([.. All(data)]) };
        if (data.Results.Doubts.Count > 0)
            blocks.Add(Doubts(data));
        return new("warnings", "Warnings and limits", blocks);
    }

    private static Table Doubts(ReportData data) =>
        new(
            "What the checks found against the figures",
            ["check", "target", "attack", "threat", "epsilon", "what was found"],
            [
                .. data.Results.Doubts.Select(d =>
                    (Cell[])
                        [
                            d.Check,
                            d.Target,
                            d.Attack,
                            EnumWord.Of(d.Threat),
                            Cell.Number(
                                d.Epsilon, QSim.Attacks.Evaluation.Epsilon.Parse(d.Epsilon).Value),
                            d.Message,
                        ]),
            ])
        {
            IsFolded = data.Results.Doubts.Count > MostDoubts,
        };

    private static IEnumerable<string> All(ReportData data)
    {
        var study = data.Study.Settings;
        yield return "Robust accuracy is an upper bound: what these attacks did not break, others "
            + "may.";
        if (study.Threats.Contains(ThreatModel.Hardware) && data.Profiles.Count > 0)
        {
            yield return "Gradients on hardware are straight-through estimates: they see the "
                + "hardware's activations but nothing of rounding and overflow themselves, so "
                + "hardware that overflows may look more robust than it is.";
        }

        if (study.Threats.All(t => t == ThreatModel.Transfer))
        {
            yield return "Only threat model transfer was measured: an attacker who can query the "
                + "hardware may do better.";
        }

        if (data.Study.Attacks.Count == 1)
            yield return $"One attack ({data.Study.Attacks[0]}): robust accuracy against it alone "
                + "says little about others.";
        if (!data.HasSeeds)
        {
            yield return "One seed: intervals and tests are about which images were drawn, not "
                + "about how training went. Another network trained alike may differ by more.";
        }

        if (study.Images < FewImages)
        {
            double half =
                new Statistics.Proportion(study.Images / 2, study.Images).Wilson95().High - 0.5;
            yield return $"{study.Images} test images: a 95 % interval reaches up to "
                + $"{Words.Percent(half)} points to either side.";
        }

        if (data.Study.HasOneSet)
            yield return OneSet;
        if (data.Profiles.Any(Overflows))
        {
            yield return "Accumulators overflowed on clean images with "
                + $"{Words.List([.. data.Profiles.Where(Overflows)])}: "
                + "see the map of overflows.";
        }

        foreach (string lost in ParameterText.Losses(data.Results.Events)
            .Select(loss => $"{loss} {ParameterText.Consequence}"))
            yield return lost;

        bool Overflows(string profile) =>
            data.Results.Events.Any(e =>
                e.Profile == profile && e.Stage == "accumulator" && e.Overflowed > 0);
    }
}

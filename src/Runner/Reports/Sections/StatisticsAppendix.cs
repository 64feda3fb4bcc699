using QSim.Runner.Reports.Documents;
using QSim.Runner.Statistics;

namespace QSim.Runner.Reports.Sections;

/// <summary>How the numbers are meant.</summary>
internal static class StatisticsAppendix
{
    /// <summary>The section.</summary>
    public static ReportSection Of(ReportData data) =>
        new(
            "statistics",
            "Appendix: how the statistics are meant",
            [
                new Bullets([
                    "Robust accuracy is the share of images that are classified right when clean "
                        + "and after the attack. Worst is the mean over images of the worst "
                        + "attack: an image counts where every attack fails on it.",
                    "95 % intervals of accuracies are Wilson's score intervals. They are about the "
                        + "draw of test images.",
                    "Two targets are compared image by image: among the images that exactly one of "
                        + "them gets right, either is as likely to be that one if both are equally "
                        + "good. The exact two-sided p-value of that is McNemar's test.",
                    $"All {data.Results.Comparisons.Count} comparisons of the study are corrected "
                        + "together by Holm's method, one seed at a time being one comparison; "
                        + $"below {ReportData.Level} a difference counts as clear.",
                    "A crossover is the first budget at which a profile's curve crosses that of "
                        + "the float network, linear between budgets. Its interval is a percentile "
                        + $"bootstrap over images ({CrossoverBootstrap.Samples} samples); a sample "
                        + "that does not cross counts as one beyond all budgets. It is called "
                        + "clear only where tests find the profile better on one side and worse on "
                        + "the other.",
                    "Where a study stops at chance, larger budgets of an attack are left out once "
                        + "the interval of every target reaches down to 1 / classes.",
                ]),
            ]);
}

using QSim.Attacks.Evaluation;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports;

/// <summary>What attackers of a study know and may do, in words.</summary>
internal static class ThreatLegend
{
    /// <summary>A line for each threat model, and for each limit that is not usual.</summary>
    public static IEnumerable<string> Lines(StudySettings study) =>
        study.Threats.Select(t => $"Threat model {EnumWord.Of(t)}: {Described(t)}")
            .Concat(Limits(study));

    /// <summary>What is not usual.</summary>
    public static IEnumerable<string> Limits(StudySettings study)
    {
        if (study.PixelLevels is { } levels)
            yield return
                $"Attackers send integer images: changed pixels are multiples of 1/{levels}.";
        if (study.EotDraws is { } draws)
            yield return
                $"Stochastic rounding is attacked in expectation over {draws} draws and judged by "
                    + "another draw.";
    }

    private static string Described(ThreatModel threat) => threat switch
    {
        ThreatModel.Transfer => "images are made on the float network and judged on each column.",
        ThreatModel.Score => "each column is attacked by its own logits, without gradients.",
        ThreatModel.Label => "each column is attacked by its own decisions, without logits.",
        ThreatModel.Hardware =>
            "each column is attacked through its own bits, gradients straight-through.",
    };
}

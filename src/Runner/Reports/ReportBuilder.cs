using QSim.Runner.Reports.Documents;
using QSim.Runner.Reports.Sections;

namespace QSim.Runner.Reports;

/// <summary>The report of a run, in no particular format: the one list of its sections.</summary>
internal static class ReportBuilder
{
    /// <summary>The report.</summary>
    public static ReportDocument Of(ReportData data)
    {
        var study = data.Study.Settings;
        ReportSection?[] sections =
        [
            SweepSection.Of(data),
            VerdictSection.Of(data),
            OverviewSection.Of(data),
            CurveSection.Of(data),
            CertificateSection.Of(data),
            PredictionSection.Of(data),
            EventSection.Of(data),
            HeadroomSection.Of(data),
            CostSection.Of(data),
            ExampleSection.Of(data),
            EvidenceSection.Of(data),
            ComparisonSection.Of(data),
            ProfileSection.Of(data),
            WarningSection.Of(data),
            StatisticsAppendix.Of(data),
            MarginAppendix.Of(data),
            ManifestSection.Of(data),
        ];
        string summary =
            $"{study.Network} on {study.Dataset}, {study.Images} test images; "
                + $"{Words.Plural(data.Profiles.Count, "profile")} beside the float network; "
                + $"{Words.List(data.Study.Attacks)}; threat model "
                + $"{Words.List([.. study.Threats.Select(t => EnumWord.Of(t))])}; "
                + $"{Words.Plural(study.Seeds.Count, "seed")}"
                + string.Concat(ThreatLegend.Limits(study).Select(l => $"; {l.TrimEnd('.')}"));
        return new(
            $"{study.Name}: robustness on simulated hardware", summary,
            [.. sections.OfType<ReportSection>()]);
    }
}

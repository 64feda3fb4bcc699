using QSim.Runner.Output;
using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports.Sections;

/// <summary>
/// Where the numbers come from: the one section that differs between two runs of the same study.
/// </summary>
internal static class ManifestSection
{
    /// <summary>The section.</summary>
    public static ReportSection Of(ReportData data)
    {
        if (data.Manifest is not { } manifest)
            return new(
                "manifest", "Manifest",
                [new Paragraph("This folder has no readable manifest.json.")]);
        List<Cell[]> facts =
        [
            ["status", manifest.Status],
            ["command", string.Join(' ', manifest.CommandLine.Prepend("qsim"))],
            [
                "started",
                manifest.Started.ToString(
                    "yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture),
            ],
            ["seeds", string.Join(", ", data.Study.Settings.Seeds)],
            .. manifest.Preprocess is { } done
                ? (Cell[][])[["preprocess", Json.LineOf(done)]]
                : [],
            ["gradient engine", data.Study.Engine],
            ["QSim", manifest.Host.Qsim],
            ["git commit of the folder it ran in", manifest.GitCommit ?? "none"],
            [".NET", manifest.Host.Dotnet],
            [
                "system",
                $"{manifest.Host.System}, {manifest.Host.Architecture}, "
                    + $"{Words.Plural(manifest.Host.Processors, "processor")}",
            ],
            .. manifest
                .Backends.GroupBy(b => b.Value)
                .Select(b => (Cell[])[$"backend {b.Key}", Words.List([.. b.Select(p => p.Key)])]),
            .. manifest.Seconds.Select(s => (Cell[])[$"seconds: {s.Key}", Words.Number(s.Value)]),
        ];
        return new(
            "manifest",
            "Manifest",
            [
                new Table("How this run was made", ["what", "value"], facts),
                new Table(
                    "What went in, and what was trained, by SHA-256",
                    ["kind", "name", "source", "SHA-256"],
                    [
                        .. manifest.Inputs.Select(i =>
                            new Cell[] { i.Kind, i.Name, i.Source, i.Sha256 }),
                    ]),
            ]);
    }
}

using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports.Sections;

/// <summary>
/// What the profiles are, and in which keys they differ once every default is resolved.
/// </summary>
internal static class ProfileSection
{
    /// <summary>The section; null where the folder does not say.</summary>
    public static ReportSection? Of(ReportData data)
    {
        if (data.Hardware is not { Profiles.Count: > 0 } hardware)
            return null;
        string[] differing =
            [.. hardware.Profiles.SelectMany(p => p.Keys).Select(k => k.Path).Distinct()];
        var blocks = new List<ReportBlock>();
        DescribedProfile[] told =
        [
            .. hardware
                .Profiles.DistinctBy(p => (p.Summary, p.Source))
                .Where(p => p.Summary.Length > 0),
        ];
        if (told.Length > 0)
        {
            blocks.Add(
                new Bullets([
                    .. told.Select(p =>
                        $"{p.Name}: "
                            + $"{p.Summary}{(p.Source.Length > 0 ? $" (source: {p.Source})" : "")}"
                    ),
                ]));
        }

        if (differing.Length > 0)
        {
            blocks.Add(
                new Table(
                    "Keys in which profiles differ; – where a key has no effect",
                    ["key", .. hardware.Profiles.Select(p => p.Name)],
                    [
                        .. differing.Select(path =>
                            (Cell[])
                                [
                                    path,
                                    .. hardware.Profiles.Select(p =>
                                        (Cell)(
                                            p.Keys.FirstOrDefault(k => k.Path == path)?.Value ?? "–"
                                        )),
                                ]),
                    ]));
        }

        blocks.Add(
            new Table(
                hardware.Profiles.Count == 1
                    ? "Every key of the profile"
                    : "Keys that all profiles share",
                ["key", "value"],
                [.. hardware.Shared.Select(k => new Cell[] { k.Path, k.Value })])
            {
                IsFolded = true,
            });
        return new("profiles", "Profiles and how they differ", blocks);
    }
}

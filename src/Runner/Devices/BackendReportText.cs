using System.Globalization;
using QSim.Runner.Output;

namespace QSim.Runner.Devices;

/// <summary>A backend's report for people.</summary>
internal static class BackendReportText
{
    /// <summary>Counts, the first difference, throughput, the device.</summary>
    public static void Write(BackendReport report, Screen screen)
    {
        screen.Line($"{report.Backend}: {report.Description}");
        screen.Line();
        new TextTable(
            ["cases", "equal", "different", "refused"],
            [
                .. report.Groups.Select(g => new[]
                {
                    g.Group, Text(g.Cases - g.Different), Text(g.Different), Text(g.Refused),
                }),
            ])
        {
            RightAligned = new HashSet<int> { 1, 2, 3 },
        }.Write(screen);
        screen.Line();
        int cases = report.Groups.Sum(g => g.Cases);
        int different = report.Groups.Sum(g => g.Different);
        screen.Line(FormattableString.Invariant(
            $"{cases} cases, {different} different, {report.Seconds:F0} s, seed {report.Seed}"));
        if (report.First is { } first)
            screen.Line(
                $"first: {first.Group}, program '{first.Program}', {first.Images} images: "
                    + first.What);
        if (report.Rates.Count > 0) WriteRates(report, screen);
        if (report.Facts.Count == 0) return;
        screen.Line();
        new TextTable(
            ["device", ""], [.. report.Facts.Select(f => new[] { f.Key, f.Value })]).Write(screen);
    }

    private static void WriteRates(BackendReport report, Screen screen)
    {
        screen.Line();
        new TextTable(
            ["network", "accumulator", "profile", "images/s", "simd, images/s", "x simd"],
            [
                .. report.Rates.Select(r => new[]
                {
                    r.Network, r.Arithmetic, r.Profile, Text(Math.Round(r.ImagesPerSecond)),
                    Text(Math.Round(r.SimdImagesPerSecond)),
                    (r.ImagesPerSecond / r.SimdImagesPerSecond).ToString(
                        "F1", CultureInfo.InvariantCulture),
                }),
            ])
        {
            RightAligned = new HashSet<int> { 3, 4, 5 },
        }.Write(screen);
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}

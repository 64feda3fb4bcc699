using System.Globalization;
using QSim.Certificates;
using QSim.Runner.Output;
using QSim.Runner.Statistics;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Certifying;

namespace QSim.Runner.Commands;

/// <summary>What <c>qsim certify</c> prints.</summary>
internal static class CertifyReport
{
    /// <summary>The version of the document.</summary>
    private const string Schema = "qsim/certify/1";

    /// <summary>The table, then a line for each cell with undecided images.</summary>
    public static void Write(Screen screen, IReadOnlyList<CertifiedCell> cells)
    {
        if (cells.Count == 0) return;
        new TextTable(
            [
                "profile", "epsilon", "proved", "broken", "undecided", "wrong", "robust accuracy",
                "s/image",
            ],
            [.. cells.Select(Row)])
        {
            RightAligned = new HashSet<int> { 2, 3, 4, 5, 6, 7 },
        }.Write(screen);
        screen.Line();
        foreach (CertifiedCell cell in cells)
        {
            string blame = cell.Blame is { } stage ? $"; too loose: {stage}" : "";
            screen.Line($"{cell.Profile}: {cell.Line}{blame}");
        }
    }

    public static object Document(
        StudySettings study, CertifySettings settings, IReadOnlyList<CertifiedCell> cells) => new
        {
            Schema,
            study.Dataset,
            study.Network,
            study.Seed,
            study.PixelLevels,
            study.Norm,
            Method = settings.Method,
            settings.Seconds,
            settings.Nodes,
            Cells = cells.Select(c => new
            {
                c.Profile,
                c.Epsilon,
                Images = c.Images.Count,
                Proved = c.Count(Verdict.Proved),
                Broken = c.Count(Verdict.Broken),
                Undecided = c.Count(Verdict.Undecided),
                Wrong = c.Count(Verdict.Wrong),
                RobustAccuracy = new[] { c.Proved.Value, c.Standing.Value },
                ProvedInterval = Ends(c.Proved.Wilson95()),
                StandingInterval = Ends(c.Standing.Wilson95()),
                Verdicts = c.Images.Select((image, i) => new
                {
                    Image = i,
                    image.Verdict,
                    image.Blame,
                    image.Nodes,
                    image.Seconds,
                }),
            }),
        };

    private static double[] Ends(Interval interval) => [interval.Low, interval.High];

    private static string[] Row(CertifiedCell cell)
    {
        Interval low = cell.Proved.Wilson95(), high = cell.Standing.Wilson95();
        return
        [
            cell.Profile, cell.Epsilon.ToString(), Text(cell.Count(Verdict.Proved)),
            Text(cell.Count(Verdict.Broken)), Text(cell.Count(Verdict.Undecided)),
            Text(cell.Count(Verdict.Wrong)),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{100 * cell.Proved.Value:F1}-{100 * cell.Standing.Value:F1} % "
                    + $"({100 * low.Low:F1}-{100 * high.High:F1})"),
            (cell.Seconds / cell.Images.Count).ToString("F3", CultureInfo.InvariantCulture),
        ];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

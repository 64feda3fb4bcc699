using QSim.Attacks.Evaluation;
using QSim.Runner.Reports.Charts;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Predictions;

namespace QSim.Runner.Reports.Sections;

/// <summary>What the margin model predicts, beside what was measured, with the error.</summary>
internal static class PredictionSection
{
    /// <summary>Targets with a picture of their own; the rest are in the tables.</summary>
    private const int MostPictures = 8;

    /// <summary>The section; null while nothing can be compared.</summary>
    public static ReportSection? Of(ReportData data)
    {
        if (data.Results.Predictions.Count == 0)
            return null;
        string[] targets =
        [
            .. data
                .Study.Targets.Select(t => t.Name)
                .Where(t => data.Results.Predictions.Any(p => p.Target == t)),
        ];
        return new(
            "predictions",
            "Predicted beside measured",
            [
                new Paragraph(
                    "A first-order model of our own (derived in the appendix) predicts every curve "
                        + "from clean images alone: each image's margins on the hardware, and how "
                        + "fast the float network's gradients let them fall. No attack enters it. "
                        + "Where it errs, the network is not linear up to the budget, the "
                        + "hardware's error depends on the perturbation (as it does where pixels "
                        + "are coarse or accumulators wrap), or the attack found less than there "
                        + "is."),
                new Paragraph(Sentence(data)) { Emphasis = Emphasis.Lead },
                new Gallery([.. targets.Take(MostPictures).Select((t, i) => Picture(data, t, i))]),
                Quality(data),
                Crossovers(data),
                Margins(data),
                Everything(data),
            ]);
    }

    private static string Sentence(ReportData data)
    {
        PredictionQuality[] quality =
            [.. data.Results.PredictionQuality.Where(q => q.Attack == data.DecidingAttack)];
        string attack =
            data.DecidingAttack == AccuracyCell.WorstAttack
                ? "the worst attack"
                : data.DecidingAttack;
        if (quality.Length == 0)
            return "Nothing has been measured yet to compare it with.";
        PredictionQuality best = quality.MinBy(q => q.MeanAbsoluteErrorPoints)!;
        PredictionQuality worst = quality.MaxBy(q => q.MeanAbsoluteErrorPoints)!;
        return quality.Length == 1
            ? $"Against {attack} it is off by {Points(best.MeanAbsoluteErrorPoints)} points in the "
                + $"mean over budgets ({best.Target})."
            : $"Against {attack} it is off by {Points(best.MeanAbsoluteErrorPoints)} points in the "
                + $"mean over budgets for {best.Target}, where it does best, and by "
                + $"{Points(worst.MeanAbsoluteErrorPoints)} for {worst.Target}, where it does "
                + "worst.";
    }

    private static Figure Picture(ReportData data, string target, int index)
    {
        Prediction[] own = [.. data.Results.Predictions.Where(p => p.Target == target)];
        AccuracyCell[] clean = [.. data.Cells.Where(c => c.Target == target && c.Threat is null)];
        string[] attacks =
            [.. own.Select(p => p.Attack).Distinct().Where(a => a != AccuracyCell.WorstAttack)];
        var curves = attacks.Select(
            (attack, i) =>
                new Curve(
                    attack, new Style(i + 1),
                    Points(clean, own.Where(p => p.Attack == attack), p => p.Measured, "measured"))
        );
        Prediction[] each = [.. own.DistinctBy(p => (p.Seed, p.Epsilon))];
        var predicted = new Curve(
            "predicted", new Style(0), Points(clean, each, p => p.Predicted, "predicted"))
        {
            IsPredicted = true,
        };
        var chart = new LineChart
        {
            Id = $"predicted-{index + 1}",
            Title = $"{target}: predicted beside measured",
            XLabel = data.XLabel,
            Curves = [predicted, .. curves],
            IsSmall = true,
        };
        return new(
            chart.Draw(),
            $"{target}: accuracy that the model predicts, and what each attack left"
                + (data.HasSeeds ? ", means over the seeds." : "."))
        {
            Plot = chart.Data(),
        };
    }

    private static List<CurvePoint> Points(
        AccuracyCell[] clean, IEnumerable<Prediction> predictions, Func<Prediction, double> value,
        string word)
    {
        double start = clean.Average(c => c.Accuracy);
        return
        [
            new(0, start, start, start, $"clean: {Words.Percent(start)} %"),
            .. from p in predictions
            group p by p.EpsilonValue into seeds
            orderby seeds.Key
            let mean = seeds.Average(value)
            select new CurvePoint(
                seeds.Key, mean, mean, mean,
                $"{word} at {seeds.First().Epsilon}: {Words.Percent(mean)} %"),
        ];
    }

    private static Table Quality(ReportData data) =>
        new(
            "Error of the prediction (predicted less measured accuracy, in points) over budgets"
                + (data.HasSeeds ? " and seeds" : ""),
            ["target", "attack", "budgets", "mean error", "mean absolute error", "largest error"],
            [
                .. data.Results.PredictionQuality.Select(q =>
                    (Cell[])
                        [
                            q.Target,
                            q.Attack,
                            Cell.Number(q.Budgets),
                            Signed(q.MeanErrorPoints),
                            Cell.Number(
                                Points(q.MeanAbsoluteErrorPoints), q.MeanAbsoluteErrorPoints),
                            Signed(q.LargestErrorPoints),
                        ]),
            ]);

    private static Table Crossovers(ReportData data) =>
        new(
            $"Crossover with float: predicted, and measured under {data.DecidingAttack} with its "
                + "95 % interval",
            ["profile", "predicted", "measured", "interval"],
            [
                .. from predicted in data.Results.PredictedCrossovers
                let measured = data.Results.Crossovers.FirstOrDefault(c =>
                    c.Profile == predicted.Profile
                    && c.Threat == ThreatModel.Hardware
                    && c.Attack == data.DecidingAttack)
                select (Cell[])
                    [
                        predicted.Profile,
                        Crossing(predicted.Epsilon),
                        measured is null ? "–" : Crossing(measured.Epsilon),
                        measured?.Epsilon is null ? "" : Sections.Crossings.Interval(measured),
                    ],
            ]);

    private static Table Margins(ReportData data) =>
        new(
            "Margins on hardware less those on the float network, over clean images and rivals, in "
                + "logits; radius: predicted",
            [
                "target",
                "seed",
                "mean size of error",
                "largest",
                "mean error",
                "float network's median margin",
                "median radius",
            ],
            [
                .. data.Results.Margins.Select(m =>
                    (Cell[])
                        [
                            m.Target,
                            Cell.Number($"{m.Seed}", m.Seed),
                            Number(m.MeanSize),
                            Number(m.LargestSize),
                            Number(m.MeanShift),
                            Number(m.MedianMargin),
                            m.MedianRadius is { } r ? Number(r) : "none",
                        ]),
            ])
        {
            IsFolded = data.Results.Margins.Count > 12,
        };

    private static Table Everything(ReportData data) =>
        new(
            "Every prediction: images right of all",
            [
                "target",
                "seed",
                "attack",
                "epsilon",
                "images",
                "predicted right",
                "measured right",
                "error, points",
            ],
            [
                .. data.Results.Predictions.Select(p =>
                    (Cell[])
                        [
                            p.Target,
                            Cell.Number($"{p.Seed}", p.Seed),
                            p.Attack,
                            Cell.Number(p.Epsilon, p.EpsilonValue),
                            Cell.Number(p.Images),
                            Cell.Number(p.PredictedCorrect),
                            Cell.Number(p.MeasuredCorrect),
                            Signed(p.ErrorPoints),
                        ]),
            ])
        {
            IsFolded = true,
        };

    private static Cell Crossing(double? epsilon) =>
        epsilon is { } e ? Cell.Number(Words.Epsilon(e), e) : Cell.Number("none", double.MaxValue);

    private static Cell Signed(double points) => Cell.Number(Words.Points(points / 100), points);

    private static Cell Number(double value) => Cell.Number(Words.Number(value), value);

    private static string Points(double points) => Words.Percent(points / 100);
}

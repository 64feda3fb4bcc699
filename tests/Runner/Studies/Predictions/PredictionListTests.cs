using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Margins;
using QSim.Runner.Statistics;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Predictions;

namespace QSim.Runner.Tests.Studies.Predictions;

/// <summary>From radii to curves, errors and crossovers.</summary>
public class PredictionListTests
{
    private static readonly float?[] Float = [0.05f, 0.05f, 0.15f, 0.15f];
    private static readonly float?[] Hardware = [0, 0.15f, 0.15f, null];

    private static readonly ResolvedStudy Study = new()
    {
        Settings = new() { Epsilons = [new(0.1), new(0.2)] },
        DataSha256 = "",
        Classes = 2,
        Engine = "managed",
        Attacks = ["fgsm"],
        Targets = [ResolvedTarget.FloatNetwork, new("chip", "chip", [], "1")],
    };

    private static readonly PredictionList List = new(
        Study, [("float", Cell("float", Float)), ("chip", Cell("chip", Hardware)), ("chip", null)]);

    [Theory]
    [InlineData(0, 3)]
    [InlineData(0.1, 3)]
    [InlineData(0.15f, 1)]
    [InlineData(1, 1)]
    public void Right_CountsRadiiAboveTheBudget(double epsilon, int right) =>
        Assert.Equal(right, new MarginRecord(Hardware, new(0, 0, 0, 0)).Right(epsilon));

    [Fact]
    public void Crossovers_AreThoseOfThePredictedCurves() =>
        // 4, 2, 0 of 4 images against 3, 3, 1: level halfway to 0.1.
        Assert.Equal([new PredictedCrossover("chip", 0.05)], List.Crossovers());

    [Fact]
    public void Crossovers_WithoutTheFloatNetwork_AreNone() =>
        Assert.Empty(new PredictionList(Study, [("chip", Cell("chip", Hardware))]).Crossovers());

    [Fact]
    public void Beside_StandsBesideAttacksOnTheHardwareOnly()
    {
        AccuracyCell[] measured =
        [
            Measured(ThreatModel.Hardware, 0.1, 2), Measured(ThreatModel.Hardware, 0.2, 2),
            Measured(ThreatModel.Transfer, 0.2, 4), Measured(null, 0, 3),
        ];

        IReadOnlyList<Prediction> predictions = List.Beside(measured);
        PredictionQuality quality = Assert.Single(PredictionList.Quality(predictions));

        Assert.Equal(
            [(3, 2, 25.0), (1, 2, -25.0)],
            predictions.Select(p => (p.PredictedCorrect, p.MeasuredCorrect, p.ErrorPoints)));
        Assert.Equal(new("chip", "fgsm", 2, 0, 25, 25), quality);
    }

    [Fact]
    public void Summaries_TakeImagesThatNothingBreaksForTheLargest()
    {
        Assert.Equal([0.05f, 0.15f], List.Summaries().Select(s => (float)s.MedianRadius!.Value));
        MarginSummary none = new PredictionList(Study, [("chip", Cell("chip", [null, null, 0.1f]))])
            .Summaries()
            .Single();
        Assert.Null(none.MedianRadius);
    }

    private static CellRecord Cell(string target, float?[] radii) =>
        CellRecord.Of(
            target, CellAddress.Clean(1, target, Norm.Linf), _ => "",
            radii.Select(r => r != 0)) with
        {
            Margins = new(radii, new LogitError(0, 0, 0, 0)),
        };

    private static AccuracyCell Measured(ThreatModel? threat, double epsilon, int right) =>
        AccuracyCell.Of(1, threat, "chip", "fgsm", new Epsilon(epsilon), new Proportion(right, 4));
}

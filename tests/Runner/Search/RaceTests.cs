using QSim.Attacks.Evaluation;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Tests.Search;

public class RaceTests
{
    private static readonly Metric Clean = new(MetricKind.Clean),
        Worst = new(MetricKind.Worst, Epsilon.Parse("8/255")), Area = new(MetricKind.Area);

    private static readonly Race Two = new(
        [Clean, Worst, Area], [Constraint.Parse("clean at most 1 points below float")]);

    private static readonly Dictionary<Metric, string> OfFloat = new()
    {
        [Clean] = new('1', 400),
        [Worst] = new('1', 400),
    };

    [Theory]
    [InlineData(20, 20, 100, true)]
    // Better in one accuracy only, or not shown to be, or dearer.
    [InlineData(20, 0, 100, false)]
    [InlineData(2, 2, 100, false)]
    [InlineData(20, 20, 101, false)]
    public void BeatenBy_NeedsEveryAccuracyAndNoDearerRival(
        int clean, int worst, double area, bool isBeaten)
    {
        Design design = Of("design", 40, clean, worst, 100),
            rival = Of("rival", 200, 0, 0, area);

        Assert.Equal(isBeaten ? rival : null, Two.BeatenBy(design, [rival], OfFloat));
    }

    [Fact]
    public void BeatenBy_AccuracyThatWasNotSeen_DropsNobody()
    {
        Design seen = Of("design", 40, 40, 40, 100);
        Design design = seen with
        {
            Outcomes = new Dictionary<Metric, string> { [Clean] = seen.Outcomes[Clean] },
        };

        Assert.Null(Two.BeatenBy(design, [Of("rival", 200, 0, 0, 50)], OfFloat));
    }

    [Theory]
    [InlineData("worst at 8/255 at least 60", 90, true)]
    [InlineData("worst at 8/255 at least 60", 60, false)]
    [InlineData("worst at 8/255 at most 30 points below float", 90, true)]
    [InlineData("worst at 8/255 at most 30 points below float", 60, false)]
    public void BeatenBy_RivalThatMissesAConstraint_BeatsNobody(
        string constraint, int worstLost, bool misses)
    {
        var race = new Race([Clean, Area], [Constraint.Parse(constraint)]);
        Design design = Of("design", 40, 20, 0, 100), rival = Of("rival", 200, 0, worstLost, 90);

        Assert.Equal(misses ? null : rival, race.BeatenBy(design, [rival], OfFloat));
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(30, true)]
    public void Missed_IsShownByAPairedTest(int lost, bool isMissed)
    {
        Design design = Of("design", 100, lost, 0, 1);

        Assert.Equal(
            isMissed,
            Two.Missed(design, new Dictionary<Metric, string> { [Clean] = new('1', 400) })
                is not null);
    }

    [Theory]
    [InlineData("clean at most 0.5 points below float", 0, 2, 2)]
    [InlineData("clean at least 90", 92, 0, 0)]
    [InlineData("area at most 100", 150, 0, 0.5)]
    [InlineData("weight_bits at most 4000", 4000, 0, 0)]
    public void Violation_IsByHowMuchItIsMissed(
        string text, double figure, double ofFloat, double expected)
    {
        double violation = Constraint.Parse(text).Violation(figure, ofFloat);

        if (text.Contains("float")) Assert.Equal(0.015, violation, 9);
        else Assert.Equal(expected, violation, 9);
        Assert.Equal(text, Constraint.Parse(text).ToString());
    }

    /// <summary>The first images of a design are wrong, as many as are lost.</summary>
    private static Design Of(string name, int images, int cleanLost, int worstLost, double area) =>
        new([], [], name)
        {
            Costs = new Dictionary<Metric, double> { [Area] = area },
            Outcomes = new Dictionary<Metric, string>
            {
                [Clean] = Outcomes(images, cleanLost),
                [Worst] = Outcomes(images, worstLost),
            },
        };

    private static string Outcomes(int images, int lost) =>
        new string('0', lost) + new string('1', images - lost);
}

using QSim.Runner.Studies;
using QSim.Runner.Studies.Sweeps;
using QSim.Simulator;

namespace QSim.Runner.Tests.Studies.Sweeps;

public class SweepTests
{
    [Fact]
    public void Points_TwoKeys_AreTheirProductLastFastest() => Assert.Equal(
        ["a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y"], Points("a: [1, 2]", "b: [x, y]"));

    [Fact]
    public void Points_Ranges_IncludeBothEnds() =>
        Assert.Equal(
            ["a=12", "a=13", "a=14", "a=20", "a=-2", "a=1", "a=4"],
            Points("a: [12..14, 20, -2..5 step 3]"));

    [Fact]
    public void Points_Zip_GoStepByStepAndMultiplyWithTheRest() => Assert.Equal(
        ["c=0 a=1 b=x", "c=0 a=2 b=y", "c=9 a=1 b=x", "c=9 a=2 b=y"],
        Points("c: [0, 9]", "zip: {a: [1..2], b: [x, y]}"));

    [Fact]
    public void Points_SeveralZips_MultiplyWithEachOther() => Assert.Equal(
        ["a=1 b=x c=7 d=u", "a=1 b=x c=8 d=v", "a=2 b=y c=7 d=u", "a=2 b=y c=8 d=v"],
        Points("zip: [{a: [1..2], b: [x, y]}, {c: [7, 8], d: [u, v]}]"));

    [Fact]
    public void Have_APointOfTheAxes_AndNoOther()
    {
        IReadOnlyList<SweepAxis> axes = Read(
            "schema: qsim/study/1\nsweep:\n  c: [0, 9]\n  zip: {a: [1, 2], b: [x, y]}").Sweep;

        Assert.All(SweepAxis.Points(axes), p => Assert.True(SweepAxis.Have(axes, p)));
        Assert.False(SweepAxis.Have(axes, [new("c", "0"), new("a", "1"), new("b", "y")]));
        Assert.False(SweepAxis.Have(axes, [new("c", "0")]));
        Assert.False(SweepAxis.Have([], [new("c", "0")]));
        Assert.False(SweepAxis.Have([new([])], []));
        Assert.True(SweepAxis.Have([], []));
    }

    [Fact]
    public void Labels_AreTheShortestEndsThatTellKeysApart()
    {
        var labels = SweepLabels.Of([
            "mac.accumulator.bits",
            "mac.accumulator.overflow",
            "weight.bits",
        ]);

        Assert.Equal(["accumulator.bits", "overflow", "weight.bits"], labels.Values);
    }

    [Fact]
    public void Labels_AKeyThatIsTheEndOfAnother_IsItsWholeSelf() => Assert.Equal(
        ["weight.bits", "layers[name=a.b].weight.bits"],
        SweepLabels.Of(["weight.bits", "layers[name=a.b].weight.bits"]).Values);

    [Theory]
    [InlineData("a: [5..3]", 3, 7, "sweep.a[0]: '5..3' is an empty range")]
    [InlineData("a: [1..9 step 0]", 3, 7, "is an empty range")]
    [InlineData("a: 5", 3, 6, "sweep.a: '5' where a list of values is needed")]
    [InlineData("a: []", 3, 6, "sweep.a: an empty list where a list of values is needed")]
    [InlineData("a: [[1]]", 3, 7, "sweep.a[0]: a list where one value is needed")]
    [InlineData("a: [1..2, 2]", 3, 6, "2 is given twice")]
    [InlineData("zip: {a: [1, 2], b: [1]}", 3, 23, "1 values where 'a' has 2")]
    [InlineData("zip: [{a: [1, 2]}, {b: [1], c: [1, 2]}]", 3, 34, "2 values where 'b' has 1")]
    [InlineData("zip: [{a: [1, 2]}, {a: [1, 2]}]", 3, 3, "'a' is swept twice")]
    [InlineData("{a: [1..9999], b: [1..9]}", 2, 8, "more than 10000 combinations")]
    public void Read_Mistake_IsReportedAtItsPlace(
        string sweep, int line, int column, string message)
    {
        string yaml =
            sweep[0] == '{'
                ? $"schema: qsim/study/1\nsweep: {sweep}"
                : $"schema: qsim/study/1\nsweep:\n  {sweep}";

        InputError error = Assert.Single(Assert.Throws<InputException>(() => Read(yaml)).Errors);

        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(message, error.ToString());
    }

    [Fact]
    public void Read_BothSeedAndSeeds_IsRefused() =>
        Assert.Contains(
            "seeds: given beside 'seed'",
            Assert
                .Throws<InputException>(() => Read("schema: qsim/study/1\nseed: 1\nseeds: [2, 3]"))
                .Message);

    [Fact]
    public void Read_CompareByAKeyThatIsNotSwept_IsRefused() =>
        Assert.Contains(
            "3:10: compare: 'overflow' is not something to compare by (supported: float, all, "
                + "mac.accumulator.overflow)",
            Assert
                .Throws<InputException>(() =>
                    Read(
                        "schema: qsim/study/1\nsweep: {mac.accumulator.overflow: [WRAP, "
                            + "SAT]}\ncompare: overflow"))
                .Message);

    private static IEnumerable<string> Points(params string[] lines) =>
        SweepAxis
            .Points(Read("schema: qsim/study/1\nsweep:\n  " + string.Join("\n  ", lines)).Sweep)
            .Select(p => string.Join(' ', p.Select(s => $"{s.Key}={s.Value}")));

    private static StudySettings Read(string yaml)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("s.yaml"), yaml);
        return StudyFile.Read(folder.File("s.yaml")).Settings;
    }
}

using QSim.Runner.Reports.Sections;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Tests.Reports;

/// <summary>Which swept key is on which axis.</summary>
public class SweepLayoutTests
{
    [Fact]
    public void OfCurves_AModeAndAWidth_HaveALinePerMode()
    {
        SweepGrid grid = Grid(("overflow", "WRAP SAT"), ("bits", "24 12 16"));
        SweepLayout layout = SweepLayout.OfCurves(grid);

        Assert.Equal("bits", grid.Factors[layout.X].Key);
        Assert.Equal(["12", "16", "24"], grid.Factors[layout.X].Levels);
        var picture = Assert.Single(layout.Pictures());
        Assert.Equal(
            ["overflow=WRAP: p WRAP 12, p WRAP 16, p WRAP 24",
                "overflow=SAT: p SAT 12, p SAT 16, p SAT 24"],
            layout.LinesOf(picture).Select(l => $"{l.Name}: {string.Join(", ", l.Targets)}"));
        Assert.Null(SweepLayout.OfMaps(grid));
    }

    [Fact]
    public void OfCurves_MoreLinesThanCanBeToldApart_ArePictures()
    {
        SweepLayout layout = SweepLayout.OfCurves(
            Grid(("a", "1 2 3 4"), ("b", "x y z"), ("c", "u v w")));

        Assert.Equal((0, 1), (layout.X, layout.Lines.Single()));
        Assert.Equal(["c=u", "c=v", "c=w"], layout.Pictures().Select(p => p.Key));
    }

    [Fact]
    public void OfMaps_TwoKeysOfNumbers_AreItsAxes()
    {
        SweepLayout layout = SweepLayout.OfMaps(
            Grid(("m", "x y"), ("a", "1 2 3"), ("b", "1 2 3 4")))!;

        Assert.Equal((2, 1, 0), (layout.X, layout.Lines.Single(), layout.Panels.Single()));
    }

    [Fact]
    public void Slices_DifferInOneFactorOnly()
    {
        SweepGrid grid = Grid(("a", "1 2"), ("b", "x y"));

        Assert.Equal(
            ["b=x: p 1 x, p 2 x", "b=y: p 1 y, p 2 y"],
            grid.Slices(0).Select(s => $"{s.Others}: {string.Join(", ", s.Targets)}"));
    }

    private static SweepGrid Grid(params (string Key, string Levels)[] axes)
    {
        SweepAxis[] sweep =
        [
            .. axes.Select(a => new SweepAxis(
                [.. a.Levels.Split(' ').Select(l => new[] { new SweepSetting(a.Key, l) })])),
        ];
        return new(new ResolvedStudy
        {
            Settings = new() { Sweep = sweep },
            DataSha256 = "",
            Classes = 10,
            Engine = "managed",
            Attacks = ["fgsm"],
            Targets =
            [
                ResolvedTarget.FloatNetwork,
                .. SweepAxis.Points(sweep).Select(p => new ResolvedTarget(
                    $"p {string.Join(' ', p.Select(s => s.Value))}", "p", p, "hash")),
            ],
        });
    }
}

using QSim.Attacks;
using QSim.Runner.Search.Evolution;
using QSim.Runner.Search.Fronts;

namespace QSim.Runner.Tests.Search;

/// <summary>Planted problems whose fronts are known by looking at every design.</summary>
public class EvolverTests
{
    private static readonly Dictionary<string, Problem> Problems = new()
    {
        // Widths of four parts: a loss that falls steeply above what each part needs.
        ["widths"] = new(
            [8, 8, 8, 8], [],
            d => [d.Sum(), d.Zip([3, 5, 2, 6]).Sum(p => Math.Exp(p.Second - p.First))]),
        // The weakest part decides, and parts cost differently.
        ["weakest"] = new(
            [10, 10, 10], [],
            d => [(3 * d[0]) + (2 * d[1]) + d[2], -d.Zip([0, 2, 4]).Min(p => p.First - p.Second)]),
        // A word among numbers changes which numbers are good.
        ["mode"] = new(
            [3, 12, 12], [0],
            d =>
            [
                d[1] + d[2] + d[0],
                Math.Abs(d[1] - (4 * d[0])) + Math.Exp(-d[2] * (1 + d[0]) / 4.0),
            ]),
        // A front in pieces, with valleys between them.
        ["pieces"] = new(
            [40, 40], [],
            d => [d[0] / 39.0, 1.2 - (d[0] / 39.0) + (0.25 * Math.Sin(d[0] / 2.0))
                + (Math.Abs(d[1] - 11) / 39.0)]),
        // Three objectives.
        ["three"] = new(
            [7, 7, 7, 7], [],
            d =>
            [
                d[0] + d[1], d[2] + d[3],
                d.Zip([2, 3, 1, 4]).Sum(p => Math.Exp((p.Second - p.First) / 1.5)),
            ]),
    };

    public static TheoryData<string> Names => [.. Problems.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_QuarterOfTheEvaluations_FindsTheFront(string name)
    {
        Problem problem = Problems[name];
        Score[] all = [.. problem.Space.All().Select(problem.Score)];
        double[] reference =
        [
            .. Enumerable.Range(0, all[0].Objectives.Count).Select(o =>
                all.Max(s => s.Objectives[o]) + 1e-9),
        ];
        double whole = Volume(all);
        double[] shares =
        [
            .. Enumerable.Range(1, 5).Select(seed =>
            {
                IReadOnlyList<Member> found = problem.Search((ulong)seed, all.Length / 4);
                Assert.Equal(all.Length / 4, found.Count);
                Assert.Equal(
                    found.Count,
                    found.Select(m => SearchSpace.KeyOf(m.Design)).Distinct().Count());
                return Volume([.. found.Select(m => m.Score)]) / whole;
            }),
        ];
        Assert.All(shares, s => Assert.InRange(s, 0.98, 1 + 1e-9));

        double Volume(Score[] scores) =>
            Hypervolume.Of(scores.Select(s => s.Objectives), reference);
    }

    /// <summary>As many designs at random find less of the front.</summary>
    [Fact]
    public void Run_IsMoreThanChance()
    {
        Problem problem = Problems["widths"];
        double searched = 0, chance = 0;
        for (ulong seed = 1; seed <= 5; seed++)
        {
            searched += Volume(problem.Search(seed, 200));
            var random = new KeyedRandom(seed, RandomPurpose.Resample, 0);
            var some = new List<Member>();
            while (some.Count < 200)
            {
                int[] design = problem.Space.Random(ref random);
                some.Add(new(design, problem.Score(design)));
            }

            chance += Volume(some);
        }

        Assert.True(searched > 1.02 * chance, $"{searched} {chance}");

        static double Volume(IEnumerable<Member> found) => Hypervolume.Of(
            found.Select(m => m.Score.Objectives), [29, 20]);
    }

    [Fact]
    public void Run_SameSeed_IsTheSameSearch_AnotherIsAnother()
    {
        Problem problem = Problems["widths"];
        string[] one = Order(1), again = Order(1), other = Order(2);

        Assert.Equal(one, again);
        Assert.NotEqual(one, other);

        string[] Order(ulong seed) =>
            [.. problem.Search(seed, 200).Select(m => SearchSpace.KeyOf(m.Design))];
    }

    [Fact]
    public void Run_SmallSpace_IsLookedAtWhole()
    {
        Problem problem = new([3, 2, 2], [1], d => [d[0], d[1]]);

        Assert.Equal(
            problem.Space.All().Select(SearchSpace.KeyOf),
            problem.Search(1, 12).Select(m => SearchSpace.KeyOf(m.Design)));
    }

    [Fact]
    public void Run_Constraints_EndsWithDesignsThatMeetThem()
    {
        Problem widths = Problems["widths"];
        var constrained = widths with
        {
            Violation = d => Math.Max(0, 20 - d.Sum()),
        };
        IReadOnlyList<Member> found = constrained.Search(1, 300);
        Score[] scores = [.. found.Select(m => m.Score)];

        int[] front = Front.Of(scores);
        Assert.NotEmpty(front);
        Assert.All(front, i => Assert.True(found[i].Design.Sum() >= 20));
    }

    /// <summary>A problem whose every design can be looked at.</summary>
    private sealed record Problem(
        int[] Sizes, int[] Words, Func<int[], double[]> Objectives)
    {
        public Func<int[], double> Violation { get; init; } = _ => 0;

        public SearchSpace Space => new(
            Sizes, [.. Enumerable.Range(0, Sizes.Length).Select(k => !Words.Contains(k))]);

        public Score Score(int[] design) => new(Objectives(design), Violation(design));

        public IReadOnlyList<Member> Search(ulong seed, int evaluations) =>
            new Evolver(
                Space, new(seed, evaluations, 24), designs => [.. designs.Select(Score)]).Run();
    }
}

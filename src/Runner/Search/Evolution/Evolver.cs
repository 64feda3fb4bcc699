using QSim.Attacks;
using QSim.Runner.Search.Fronts;

namespace QSim.Runner.Search.Evolution;

/// <summary>
/// NSGA-II (K. Deb et al. 2002) for designs that are dear to measure: none is measured twice,
/// parents are the best of everything that was measured, and a third of each generation are
/// neighbours of the front that nobody looked at yet. Small spaces are looked at whole.
/// </summary>
/// <param name="space">What designs there are.</param>
/// <param name="options">How to go about it.</param>
/// <param name="measure">Measures designs, a generation at a time.</param>
internal sealed class Evolver(
    SearchSpace space, EvolutionOptions options,
    Func<IReadOnlyList<int[]>, IReadOnlyList<Score>> measure)
{
    private const int MostTries = 12;
    private const int NeighbourShare = 3;

    private readonly Dictionary<string, Member> _known = [];
    private readonly List<Member> _all = [];
    private readonly Breeding _breeding = new(space);

    /// <summary>Whether every design is measured.</summary>
    public bool IsExhaustive => space.Count <= options.Evaluations;

    /// <summary>Everything that was measured, in the order in which it was.</summary>
    public IReadOnlyList<Member> Run()
    {
        if (IsExhaustive)
        {
            foreach (int[][] some in space.All().Chunk(Math.Max(1, options.Population)))
                Measure(some);
            return _all;
        }

        Measure(First());
        for (int generation = 1; _all.Count < options.Evaluations; generation++)
        {
            int[][] children = Children(generation);
            if (children.Length == 0) break;
            Measure(children);
        }

        return _all;
    }

    private void Measure(IReadOnlyList<int[]> designs)
    {
        foreach ((int[] design, Score score) in designs.Zip(measure(designs)))
        {
            var member = new Member(design, score);
            _known.Add(SearchSpace.KeyOf(design), member);
            _all.Add(member);
        }
    }

    /// <summary>The user's, the smallest and the largest, and others at random.</summary>
    private int[][] First()
    {
        var random = new KeyedRandom(options.Seed, RandomPurpose.Search, 0);
        var chosen = new Brood(this, Math.Min(options.Population, options.Evaluations));
        foreach (int[] design in options.Start) chosen.TryAdd(design);
        chosen.TryAdd([.. space.Sizes.Select(_ => 0)]);
        chosen.TryAdd([.. space.Sizes.Select(s => s - 1)]);
        while (!chosen.IsFull) chosen.TryAdd(space.Random(ref random));
        return chosen.Designs;
    }

    private int[][] Children(int generation)
    {
        var random = new KeyedRandom(options.Seed, RandomPurpose.Search, generation);
        Member[] parents = Parents();
        var chosen = new Brood(
            this, Math.Min(options.Population, options.Evaluations - _all.Count));
        int neighbours = (int)Math.Ceiling((double)chosen.Most / NeighbourShare);
        // Neighbours of the front, one of each point in turn: the least crowded first.
        int[][][] around = [.. parents.Select(p => space.Neighbours(p.Design).ToArray())];
        for (int round = 0; round < around.Max(a => a.Length); round++)
            foreach (int[][] some in around)
                if (chosen.Count < neighbours && some.Length > 0)
                    chosen.TryAdd(some[(round + generation) % some.Length]);
        for (int tries = MostTries * chosen.Most; tries > 0 && !chosen.IsFull; tries--)
            chosen.TryAdd(_breeding.Child(
                Chosen(parents, ref random), Chosen(parents, ref random), ref random));
        for (int tries = MostTries * chosen.Most; tries > 0 && !chosen.IsFull; tries--)
            chosen.TryAdd(space.Random(ref random));
        return chosen.Designs;
    }

    /// <summary>The best of everything, from the best on.</summary>
    private Member[] Parents()
    {
        int[] ranks = Front.Ranks([.. _all.Select(m => m.Score)]);
        return
        [
            .. Enumerable.Range(0, _all.Count)
                .GroupBy(i => ranks[i])
                .OrderBy(g => g.Key)
                .SelectMany(g =>
                {
                    int[] front = [.. g];
                    double[] crowding = Front.Crowding([.. front.Select(i => _all[i].Score)]);
                    return front.Zip(crowding).OrderByDescending(f => f.Second)
                        .Select(f => _all[f.First]);
                })
                .Take(options.Population),
        ];
    }

    /// <summary>The better of two at random: parents are in order.</summary>
    private static int[] Chosen(Member[] parents, ref KeyedRandom random) =>
        parents[Math.Min(random.NextBelow(parents.Length), random.NextBelow(parents.Length))]
            .Design;

    /// <summary>Designs of a generation: each new.</summary>
    private sealed class Brood(Evolver evolver, int most)
    {
        private readonly HashSet<string> _keys = [];
        private readonly List<int[]> _designs = [];

        public int Most => most;

        public int Count => _designs.Count;

        public bool IsFull => _designs.Count >= most;

        public int[][] Designs => [.. _designs];

        public void TryAdd(int[] design)
        {
            string key = SearchSpace.KeyOf(design);
            if (!IsFull && !evolver._known.ContainsKey(key) && _keys.Add(key))
                _designs.Add(design);
        }
    }
}

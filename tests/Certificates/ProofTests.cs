using QSim.Certificates.Bounds;
using QSim.Certificates.Checking;
using QSim.Certificates.Proofs;
using QSim.Certificates.Search;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using Xunit.Abstractions;

namespace QSim.Certificates.Tests;

/// <summary>Proofs are checked by code that shares nothing with what made them.</summary>
public class ProofTests(ITestOutputHelper output)
{
    [Fact]
    public void Proofs_HoldAndSayNothingFalse()
    {
        int written = 0, held = 0, overflowing = 0, branched = 0;
        foreach ((TinyProgram tiny, SearchResult result) in Proved())
        {
            written++;
            Assert.True(tiny.IsRobust);
            string? reason = new ProofChecker(tiny.Program).Check(result.Proof!);
            if (reason is null) held++;
            else if (reason.Contains("may overflow") || reason.Contains("what wraps"))
                overflowing++;
            else output.WriteLine($"{tiny.Program.Name}: {reason}");
            if (result.Proof!.Rivals.Any(r => r.Leaves.Count > 1)) branched++;
        }

        output.WriteLine(
            $"{held} of {written} proofs hold, {branched} with branches; the checker does not "
                + $"follow {overflowing} that overflow");
        Assert.True(held > 40 && held >= 0.8 * (written - overflowing), $"{held} of {written}");
    }

    /// <summary>A proof for the label that another class really has is refused.</summary>
    [Fact]
    public void Proofs_OfWhatIsBroken_AreRefused()
    {
        int tried = 0;
        foreach ((TinyProgram tiny, SearchResult result) in Proved())
        {
            Proof proof = result.Proof!;
            var checker = new ProofChecker(tiny.Program);
            for (int other = 0; other < tiny.Program.Output.Shape.Length; other++)
            {
                if (other == tiny.Label) continue;
                tried++;
                Assert.NotNull(checker.Check(proof with { Label = other }));
            }
        }

        Assert.True(tried > 50);
    }

    /// <summary>
    /// Branches and classes that are left out or said twice, splits that do not meet, boxes and
    /// lines of others: of many proofs that need more than intervals, every one.
    /// </summary>
    [Fact]
    public void Proofs_ThatSomebodyChanged_AreRefused()
    {
        int proofs = 0, changed = 0;
        foreach ((TinyProgram tiny, Proof proof) in OfLines(30))
        {
            proofs++;
            var checker = new ProofChecker(tiny.Program);
            foreach ((string what, Proof other) in Changed(proof))
            {
                changed++;
                Assert.True(
                    checker.Check(other) is not null, $"{tiny.Program.Name}: {what} was taken");
            }
        }

        output.WriteLine($"{changed} changes of {proofs} proofs are refused");
        Assert.True(changed >= 200, $"{changed} changes of {proofs} proofs");
    }

    /// <summary>
    /// A window's largest value is below a limit, its sum is not: a multiple of the one must not
    /// count as one of the other.
    /// </summary>
    [Fact]
    public void Multiples_OfAPoolsLimit_AreRefused()
    {
        int tried = 0;
        foreach ((TinyProgram tiny, SearchResult result) in Proved())
            foreach ((int layer, ProgramLayer pool) in tiny.Program.Layers.Index())
            {
                if (pool is not MaxPoolLayer) continue;
                foreach (Proof forged in Forged(result.Proof!, tiny, layer))
                {
                    tried++;
                    Assert.NotNull(new ProofChecker(tiny.Program).Check(forged));
                }
            }

        output.WriteLine($"{tried} forged");
        Assert.True(tried > 20, $"{tried}");
    }

    /// <summary>
    /// Proofs of wrong labels: one branch is all of the box, the other is empty, and a large
    /// multiple of a limit is to make up for everything.
    /// </summary>
    private static IEnumerable<Proof> Forged(Proof proof, TinyProgram tiny, int pool)
    {
        const long Beyond = 1L << 40, Large = 1L << 50;
        int[] classes = [.. Enumerable.Range(0, tiny.Program.Output.Shape.Length)];
        return
            from label in classes
            where label != tiny.Label
            from at in Enumerable.Range(0, tiny.Program.Tensor(pool + 1).Shape.Length)
            from isUpper in new[] { false, true }
            let multiple = new Multiple(
                pool, at, Upper: isUpper ? Large : 0, Lower: isUpper ? 0 : Large)
            let leaves = new LeafProof[]
            {
                new([new Split(pool, at, Beyond, IsUpper: false)], false, null, [multiple]),
                new([new Split(pool, at, Beyond, IsUpper: true)], false, null, []),
            }
            select proof with
            {
                Label = label,
                Rivals = [.. classes.Where(c => c != label).Select(c => new RivalProof(c, leaves))],
            };
    }

    private static IEnumerable<(string What, Proof Proof)> Changed(Proof proof)
    {
        yield return ("a box moved out", proof with { Low = [.. proof.Low.Select(v => v - 1000)] });
        yield return ("no lines", proof with { Lines = [] });
        for (int r = 0; r < proof.Rivals.Count; r++)
        {
            RivalProof rival = proof.Rivals[r];
            int at = r;
            yield return (
                "a class left out",
                proof with { Rivals = [.. proof.Rivals.Where(o => o != rival)] });
            yield return ("no branches", With(rival with { Leaves = [] }));
            for (int l = 0; l < rival.Leaves.Count; l++)
            {
                LeafProof leaf = rival.Leaves[l];
                yield return (
                    "a branch left out",
                    With(rival with { Leaves = [.. rival.Leaves.Where(o => o != leaf)] }));
                yield return (
                    "a branch twice", With(rival with { Leaves = [.. rival.Leaves, leaf] }));
                if (leaf.Path.Count == 0) continue;
                LeafProof moved = leaf with
                {
                    Path = [leaf.Path[0] with { At = leaf.Path[0].At + 1 }, .. leaf.Path.Skip(1)],
                };
                yield return (
                    "a split moved",
                    With(rival with
                    {
                        Leaves = [.. rival.Leaves.Select(o => o == leaf ? moved : o)],
                    }));
            }

            Proof With(RivalProof other) => proof with
            {
                Rivals = [.. proof.Rivals.Select((o, i) => i == at ? other : o)],
            };
        }
    }

    /// <summary>Proofs that hold and exclude some class by lines, not by intervals.</summary>
    private static IEnumerable<(TinyProgram Tiny, Proof Proof)> OfLines(int count)
    {
        for (int seed = 10_000; count > 0; seed++)
        {
            Assert.True(seed < 13_000, $"{count} proofs are missing");
            TinyProgram tiny = TinyProgram.Of(TinyNetworks.Dense(seed), seed);
            var checker = new ProofChecker(tiny.Program);
            if (checker.WhyNot is not null || !tiny.IsRobust) continue;
            using var search = new CompleteSearch(
                new ProgramBounds(tiny.Program), new ReferenceBackend())
            {
                MostEnumerated = 0,
                FewFree = 0,
                MostNodes = 40,
                WritesProofs = true,
            };
            Proof? proof = search.Decide(tiny.Box, tiny.Label, CancellationToken.None).Proof;
            bool isNeeded = proof is { Rivals.Count: > 0 } && checker.Check(proof) is null
                && checker.Check(proof with { Rivals = [] }) is not null;
            if (!isNeeded) continue;
            count--;
            yield return (tiny, NeededOnly(checker, proof!));
        }
    }

    /// <summary>Without classes that intervals exclude anyway.</summary>
    private static Proof NeededOnly(ProofChecker checker, Proof proof) => proof with
    {
        Rivals =
        [
            .. proof.Rivals.Where(r => checker.Check(
                proof with { Rivals = [.. proof.Rivals.Where(o => o != r)] }) is not null),
        ],
    };

    /// <summary>Lines pulled in a little are seen not to bound their functions any more.</summary>
    [Fact]
    public void Lines_ThatBoundNothing_AreRefused()
    {
        int refused = 0, tried = 0;
        foreach ((TinyProgram tiny, SearchResult result) in Proved())
        {
            Proof proof = result.Proof!;
            var checker = new ProofChecker(tiny.Program);
            if (tiny.Program.Layers[0] is not MacLayer || checker.Check(proof) is not null)
                continue;
            tried++;
            long[][] lines = [.. proof.Lines.Select(l => (long[])[.. l])];
            for (int i = 3; i < lines[0].Length; i += 4) lines[0][i] -= 2 << 16;
            if (checker.Check(proof with { Lines = lines }) is not null) refused++;
        }

        Assert.True(tried > 20);
        Assert.Equal(tried, refused);
    }

    /// <summary>The checker uses the kernels and proofs, and nothing that made them.</summary>
    [Fact]
    public void Checker_SharesNoCodeWithTheSearch()
    {
        string folder = Path.Combine(Repository(), "src", "Certificates", "Checking");
        string[] used =
        [
            .. Directory.GetFiles(folder, "*.cs").SelectMany(File.ReadAllLines)
                .Where(l => l.StartsWith("using QSim.", StringComparison.Ordinal))
                .Distinct(),
        ];
        Assert.Subset(
            new HashSet<string>
            {
                "using QSim.Certificates.Proofs;", "using QSim.Kernels.Arithmetic;",
                "using QSim.Kernels.Datapath;",
            },
            used.ToHashSet());
    }

    private static IEnumerable<(TinyProgram Tiny, SearchResult Result)> Proved()
    {
        foreach (TinyProgram tiny in TinyProgram.All)
        {
            if (new ProofChecker(tiny.Program).WhyNot is not null) continue;
            using var search = new CompleteSearch(
                new ProgramBounds(tiny.Program), new ReferenceBackend())
            {
                MostEnumerated = 0,
                FewFree = 0,
                WritesProofs = true,
            };
            using var time = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            SearchResult result = search.Decide(tiny.Box, tiny.Label, time.Token);
            if (result.Proof is not null) yield return (tiny, result);
        }
    }

    private static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "QSim.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}

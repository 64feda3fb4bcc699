using QSim.Certificates.Checking;
using QSim.Certificates.Proofs;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using Xunit.Abstractions;

namespace QSim.Certificates.Tests;

/// <summary>
/// The checker against proofs of every kind of layer that it follows, as they are and as somebody
/// might change them: whatever it takes is true of every input.
/// </summary>
public class CheckerTests(ITestOutputHelper output)
{
    public static TheoryData<string, int> Kinds => new()
    {
        { nameof(MacLayer), 60 },
        { nameof(MaxPoolLayer), 10 },
        { nameof(AveragePoolLayer), 10 },
        { nameof(AddLayer), 10 },
        { nameof(MultiplyLayer), 10 },
        { nameof(ConcatLayer), 10 },
        { nameof(LookupLayer), 10 },
        { nameof(RearrangeLayer), 10 },
        { nameof(ClampLayer), 10 },
        { nameof(ReshapeLayer), 10 },
        { "saturates", 10 },
        { "wraps", 10 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Proofs_OfEachKind_HoldAndAreTrue(string kind, int least)
    {
        ProvedPart[] parts = [.. ProvedPart.All.Where(p => p.Kinds.Contains(kind))];
        int held = parts.Count(p => p.Reason is null), needed = 0;
        foreach (ProvedPart part in parts)
        {
            Assert.True(part.IsTrue(part.Proof), part.Tiny.Program.Name);
            if (part.Reason is { } reason)
                output.WriteLine($"{part.Tiny.Program.Name}: {reason}");
            else if (new ProofChecker(part.Tiny.Program)
                .Check(part.Proof with { Rivals = [] }) is not null)
                needed++;
        }

        output.WriteLine($"{held} of {parts.Length} hold, {needed} need more than intervals");
        Assert.True(held >= least && held >= 0.7 * parts.Length, $"{held} of {parts.Length}");
    }

    /// <summary>
    /// Any number of a proof is another, a branch is gone, the box is larger, the label another's:
    /// what is taken all the same is true.
    /// </summary>
    [Fact]
    public void ProofsThatSomebodyChanged_AreRefusedOrTrue()
    {
        int changed = 0, wrong = 0, taken = 0;
        foreach (ProvedPart part in ProvedPart.All.Where(p => p.Reason is null))
        {
            var checker = new ProofChecker(part.Tiny.Program);
            var choose = new Choices(part.Tiny.Count + (31 * part.Proof.Label));
            for (int n = 0; n < 30; n++)
            {
                Proof other = ProofChanges.Any(part, choose);
                bool isTrue = part.IsTrue(other);
                changed++;
                if (!isTrue) wrong++;
                if (checker.Check(other) is not null) continue;
                taken++;
                Assert.True(isTrue, $"{part.Tiny.Program.Name}: change {n} was taken");
            }
        }

        output.WriteLine($"{changed} changed proofs, {wrong} of what is wrong, {taken} hold");
        Assert.True(wrong > 1000 && taken > 100, $"{wrong}, {taken}");
    }

    /// <summary>
    /// One branch is all of the box, the other is empty, and a large multiple of a limit, once or
    /// twice, is to make up for everything.
    /// </summary>
    [Fact]
    public void Multiples_OfAnyLayersLimit_ProveNothingWrong()
    {
        var tried = new Dictionary<Type, int>();
        foreach (ProvedPart part in ProvedPart.All)
        {
            var checker = new ProofChecker(part.Tiny.Program);
            foreach ((int layer, Proof forged) in ProofChanges.Forged(part))
            {
                if (part.IsTrue(forged)) continue;
                Type type = part.Tiny.Program.Layers[layer].GetType();
                tried[type] = tried.GetValueOrDefault(type) + 1;
                Assert.True(
                    checker.Check(forged) is not null,
                    $"{part.Tiny.Program.Name}: a multiple of {type.Name}'s limit was taken");
            }
        }

        output.WriteLine(string.Join(", ", tried.Select(t => $"{t.Key.Name} {t.Value}")));
        Assert.True(tried.Count >= 10 && tried.Values.All(n => n > 20));
    }

    /// <summary>A proof of one program, shown for another, is refused or true of that one.</summary>
    [Fact]
    public void Proofs_OfAnotherProgram_AreRefusedOrTrue()
    {
        int tried = 0, refused = 0;
        foreach (ProvedPart part in ProvedPart.All.Where(p => p.Reason is null))
        {
            foreach (QuantizedProgram other in ProofChanges.Programs(part.Tiny.Program))
            {
                var checker = new ProofChecker(other);
                if ((ProgramLimits.WhyNot(other) ?? checker.WhyNot) is not null) continue;
                tried++;
                if (checker.Check(part.Proof) is not null)
                    refused++;
                else
                    Assert.True(part.Of(other).IsTrue(part.Proof), part.Tiny.Program.Name);
            }
        }

        output.WriteLine($"{refused} of {tried} are refused");
        Assert.True(refused > 50 && tried > 200, $"{refused} of {tried}");
    }
}

using QSim.Certificates.Bounds;
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
    /// <summary>Least numbers of proofs that hold, and of those whose lines matter.</summary>
    public static TheoryData<string, int, int> Kinds => new()
    {
        { nameof(MacLayer), 60, 20 },
        { nameof(MaxPoolLayer), 5, 0 },
        { nameof(AveragePoolLayer), 10, 2 },
        { nameof(AddLayer), 10, 3 },
        { nameof(MultiplyLayer), 10, 1 },
        { nameof(ConcatLayer), 10, 1 },
        { nameof(LookupLayer), 10, 1 },
        { nameof(RearrangeLayer), 10, 3 },
        { nameof(ClampLayer), 10, 3 },
        { nameof(ReshapeLayer), 10, 2 },
        { "scaled sum", 3, 1 },
        { "float32 sum", 3, 0 },
        { "saturates", 10, 1 },
        { "wraps", 10, 1 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Proofs_OfEachKind_HoldAndAreTrue(string kind, int least, int lines)
    {
        ProvedPart[] parts = [.. ProvedPart.All.Where(p => p.Kinds.Contains(kind))];
        int held = 0, tighter = 0;
        foreach (ProvedPart part in parts)
        {
            Assert.True(part.IsTrue(part.Proof), part.Tiny.Program.Name);
            if (part.Reason is { } reason)
            {
                output.WriteLine($"{part.Tiny.Program.Name}: {reason}");
                continue;
            }

            held++;
            if (HoldsValues(part)) tighter++;
        }

        output.WriteLine($"{held} of {parts.Length} hold, {tighter} are tighter by lines");
        Assert.True(held >= least && held >= 0.7 * parts.Length, $"{held} of {parts.Length}");
        Assert.True(tighter >= lines, $"{tighter} of {held}");
    }

    /// <summary>
    /// Every value of every tensor of every input lies where the checker has it; whether lines say
    /// more of the last layer's arguments than intervals do.
    /// </summary>
    private static bool HoldsValues(ProvedPart part)
    {
        CheckedRoot root = new ProofChecker(part.Tiny.Program).Root(part.Proof);
        CheckedBoxes boxes = root.Boxes;
        foreach (int image in part.Images(part.Proof))
        {
            for (int tensor = 0; tensor < boxes.Low.Length; tensor++)
                Assert.True(
                    new TensorBox(boxes.Low[tensor], boxes.High[tensor]).Contains(
                        part.Tiny.Taps[tensor].AsSpan(
                            image * boxes.Low[tensor].Length, boxes.Low[tensor].Length)),
                    $"{part.Tiny.Program.Name}: tensor {tensor}, input {image}");
        }

        CheckedArguments lines = root.Arguments[^1];
        TensorBox intervals = new ProgramBounds(part.Tiny.Program).Stages(
            new(part.Proof.Low, part.Proof.High))[^1].Argument;
        return Enumerable.Range(0, intervals.Length).Any(i =>
            lines.Low[i] > intervals.Low[i] || lines.High[i] < intervals.High[i]);
    }

    /// <summary>
    /// Forms of any two values of any tensor, traced back through every kind of layer, are never
    /// exceeded, and some are reached but for what is below a whole number.
    /// </summary>
    [Fact]
    public void Forms_OfAnyTwoValues_AreNeverExceeded()
    {
        var reached = new Dictionary<string, int>();
        foreach (ProvedPart part in ProvedPart.All.Where(p => p.Reason is null))
        {
            CheckedRoot root = new ProofChecker(part.Tiny.Program).Root(part.Proof);
            var choose = new Choices(part.Tiny.Count);
            for (int tensor = 1; tensor <= root.Layers.Length; tensor++)
            {
                int length = root.Boxes.Low[tensor].Length;
                int i = choose.Between(0, length - 1), j = choose.Between(0, length - 1);
                int a = choose.Of(-3, -1, 1, 2), b = choose.Of(-1, 0, 1);
                CheckedForm form = root.Form();
                form.Of(tensor)[i] += a * CheckedForm.One;
                form.Of(tensor)[j] += b * CheckedForm.One;
                Int128 bound = form.Bound(root.Lines, new Dictionary<(int, int), Int128>());
                long most = part.Images(part.Proof).Max(image =>
                    (a * part.Tiny.Taps[tensor][(image * length) + i])
                    + (b * part.Tiny.Taps[tensor][(image * length) + j]));
                Assert.True(most <= bound, $"{part.Tiny.Program.Name}: tensor {tensor}");
                if (most < bound) continue;
                string kind = root.Layers[tensor - 1].GetType().Name;
                reached[kind] = reached.GetValueOrDefault(kind) + 1;
            }
        }

        output.WriteLine(string.Join(", ", reached.Select(r => $"{r.Key} {r.Value}")));
        Assert.True(reached.Count >= 7);
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

    /// <summary>A proof of one program, shown for another, is refused or true of it.</summary>
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

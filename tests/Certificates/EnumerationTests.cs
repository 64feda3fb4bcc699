using QSim.Certificates.Bounds;
using QSim.Certificates.Linear;
using QSim.Certificates.Search;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using Xunit.Abstractions;

namespace QSim.Certificates.Tests;

/// <summary>
/// Programs of every layer type and mode, with all inputs of a box run on the reference: whatever
/// is proved is so. <c>QSIM_CERTIFICATE_PROGRAMS</c> asks for more of them.
/// </summary>
public class EnumerationTests(ITestOutputHelper output)
{
    [Fact]
    public void Intervals_HoldEveryValueOfEveryTensor()
    {
        foreach (TinyProgram tiny in TinyProgram.All)
        {
            IReadOnlyList<TensorBox> boxes = new ProgramBounds(tiny.Program).Forward(tiny.Box);
            for (int tensor = 0; tensor < boxes.Count; tensor++)
            {
                int length = boxes[tensor].Length;
                for (int image = 0; image < tiny.Count; image++)
                    Assert.True(
                        boxes[tensor].Contains(
                            tiny.Taps[tensor].AsSpan(image * length, length)),
                        $"{tiny.Program.Name}: tensor {tensor}, input {image}");
            }
        }
    }

    [Fact]
    public void Intervals_OfAPoint_AreWhatTheReferenceGives()
    {
        int loose = 0, values = 0, skipped = 0;
        foreach (TinyProgram tiny in TinyProgram.All)
        {
            int length = tiny.Box.Length;
            long[] point = tiny.Inputs[..length];
            var bounds = new ProgramBounds(tiny.Program);
            var box = new TensorBox(point, [.. point]);
            // A stage that took any value of a format says so, and need not be exact.
            if (bounds.Stages(box).Any(s => s.Loose is not null))
            {
                skipped++;
                continue;
            }

            IReadOnlyList<TensorBox> boxes = bounds.Forward(box);
            for (int tensor = 0; tensor < boxes.Count; tensor++)
            {
                values += boxes[tensor].Length;
                loose += Enumerable.Range(0, boxes[tensor].Length).Count(i =>
                    boxes[tensor][i] != new Interval(tiny.Taps[tensor][i], tiny.Taps[tensor][i]));
            }
        }

        output.WriteLine($"{loose} of {values} values; {skipped} programs have a loose stage");
        Assert.InRange(skipped, 0, TinyProgram.All.Count / 25);
        Assert.Equal(0, loose);
        Assert.True(values > 10_000, $"{values}");
    }

    [Fact]
    public void Lines_HoldEveryValueAndAreNeverLooserThanIntervals()
    {
        int tighter = 0;
        foreach (TinyProgram tiny in TinyProgram.All)
        {
            var bounds = new ProgramBounds(tiny.Program);
            IReadOnlyList<TensorBox> intervals = bounds.Forward(tiny.Box);
            LinearState state = new LinearBounds(bounds).Of(tiny.Box)!;
            for (int tensor = 1; tensor < intervals.Count; tensor++)
            {
                TensorBox lines = state.Stages[tensor - 1].Output;
                int length = lines.Length;
                for (int i = 0; i < length; i++)
                {
                    Assert.True(
                        lines.Low[i] >= intervals[tensor].Low[i]
                        && lines.High[i] <= intervals[tensor].High[i],
                        $"{tiny.Program.Name}: tensor {tensor}, value {i}");
                    if (lines[i] != intervals[tensor][i]) tighter++;
                }

                for (int image = 0; image < tiny.Count; image++)
                    Assert.True(
                        lines.Contains(tiny.Taps[tensor].AsSpan(image * length, length)),
                        $"{tiny.Program.Name}: tensor {tensor}, input {image}");
            }
        }

        output.WriteLine($"{tighter} values have tighter bounds");
        Assert.True(tighter > 100);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Proved_IsNeverBroken(bool lines)
    {
        var types = new Dictionary<Type, int>();
        int proved = 0, robust = 0, programs = 0;
        foreach (TinyProgram tiny in TinyProgram.All)
        {
            programs++;
            if (tiny.IsRobust) robust++;
            var bounds = new ProgramBounds(tiny.Program);
            BoundsResult result = lines
                ? new LinearCertifier(bounds).Certify(tiny.Box, tiny.Label)
                : new IntervalCertifier(bounds).Certify(tiny.Box, tiny.Label);
            Assert.Equal(result.IsProved, result.Blame is null);
            if (!result.IsProved) continue;
            proved++;
            Assert.True(tiny.IsRobust, $"{tiny.Program.Name} is proved, and broken");
            foreach (ProgramLayer layer in tiny.Program.Layers)
                types[layer.GetType()] = types.GetValueOrDefault(layer.GetType()) + 1;
        }

        output.WriteLine($"{programs} programs: {robust} robust, {proved} proved, lines: {lines}");
        Assert.True(proved > programs / 10, $"{proved} proved");
        Assert.True(types.Count >= 9, $"{types.Count} layer types");
    }

    /// <summary>By running, by splitting inputs, by splitting stages.</summary>
    [Theory]
    [InlineData(512, 12)]
    [InlineData(1, 1000)]
    [InlineData(0, 0)]
    public void Search_AgreesWithEveryInput(int mostEnumerated, int fewFree)
    {
        int undecided = 0, broken = 0, programs = 0;
        foreach (TinyProgram tiny in TinyProgram.All)
        {
            using var search = new CompleteSearch(
                new ProgramBounds(tiny.Program), new ReferenceBackend())
            {
                MostEnumerated = mostEnumerated,
                FewFree = fewFree,
                // By splits of inputs it decides all; by stages alone it is left with some.
                MostNodes = fewFree > 0 ? long.MaxValue : 300,
            };
            SearchResult result = search.Decide(
                tiny.Box, tiny.Label, CancellationToken.None);
            programs++;
            Assert.Equal(result.Verdict == Verdict.Undecided, result.Blame is not null);
            Assert.Equal(result.Verdict == Verdict.Broken, result.Counterexample is not null);
            if (result.Verdict == Verdict.Undecided) undecided++;
            else
                Assert.True(
                    (result.Verdict == Verdict.Proved) == tiny.IsRobust,
                    $"{tiny.Program.Name} is {result.Verdict}");
            if (result.Counterexample is not { } input) continue;
            broken++;
            Assert.True(tiny.Box.Contains(input), tiny.Program.Name);
            Assert.NotEqual(tiny.Label, tiny.ClassOf(input));
        }

        output.WriteLine($"{programs} programs: {broken} broken, {undecided} undecided");
        Assert.True(broken > programs / 20);
        if (fewFree > 0) Assert.Equal(0, undecided);
    }

    [Fact]
    public void Stochastic_IsRefusedWithTheLayer()
    {
        QuantizedProgram program = Enumerable.Range(1, 1000)
            .Select(Kernels.Conformance.ProgramGenerator.Program)
            .First(p => p.Layers.Any(l => l.IsStochastic));
        Assert.Contains("rounds at random", ProgramBounds.WhyNot(program));
        Assert.Throws<NotSupportedException>(() => new ProgramBounds(program));
    }
}

using QSim.Certificates.Search;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using Xunit.Abstractions;

namespace QSim.Certificates.Tests;

/// <summary>
/// Networks that end in a softmax, by tables and by division: the order of its inputs decides, and
/// shares that few bits make equal go to the lowest index.
/// </summary>
public class SoftmaxTests(ITestOutputHelper output)
{
    private const int Networks = 80;
    private const int MostBits = 12;

    [Theory]
    [InlineData(SoftmaxKind.Stable)]
    [InlineData(SoftmaxKind.Latency)]
    [InlineData(SoftmaxKind.Division)]
    [InlineData(SoftmaxKind.Float32)]
    [InlineData(SoftmaxKind.Gemmlowp)]
    public void Proved_IsNeverBroken_AndLinesSayMoreThanIntervals(Enum anyKind)
    {
        var kind = (SoftmaxKind)anyKind;
        int robust = 0, intervals = 0, lines = 0, searched = 0, ties = 0;
        foreach (int seed in Enumerable.Range(1, int.MaxValue)
            .Where(s => TinyNetworks.Dense(s).Output.Bits <= MostBits).Take(Networks))
        {
            QuantizedProgram program = Program(seed, kind);
            Assert.Null(ProgramLimits.WhyNot(program));
            TinyProgram tiny = TinyProgram.Of(program, seed);
            var bounds = new Bounds.ProgramBounds(program);
            using var search = new CompleteSearch(bounds, new ReferenceBackend())
            {
                MostEnumerated = 0,
                FewFree = 0,
                MostNodes = 40,
            };
            bool byIntervals = new IntervalCertifier(bounds).Certify(tiny.Box, tiny.Label).IsProved,
                byLines = new LinearCertifier(bounds).Certify(tiny.Box, tiny.Label).IsProved,
                bySearch = search.Decide(tiny.Box, tiny.Label, CancellationToken.None).Verdict
                    == Verdict.Proved;
            Assert.True(tiny.IsRobust || !(byIntervals || byLines || bySearch), program.Name);
            if (tiny.IsRobust) robust++;
            if (byIntervals) intervals++;
            if (byLines) lines++;
            if (bySearch) searched++;
            if (HasTies(tiny)) ties++;
        }

        output.WriteLine(
            $"{kind}: of {Networks} {robust} robust, intervals prove {intervals}, lines {lines}, "
                + $"the search {searched}; {ties} have ties");
        Assert.InRange(robust, Networks / 4, Networks - 5);
        Assert.True(ties > 10);
        Assert.True(searched >= lines && lines >= intervals);
        if (kind != SoftmaxKind.Gemmlowp) Assert.True(lines > intervals);
    }

    private static bool HasTies(TinyProgram tiny)
    {
        int classes = tiny.Program.Output.Shape.Length;
        return Enumerable.Range(0, tiny.Count).Any(i =>
        {
            ReadOnlySpan<long> shares = tiny.Taps[^1].AsSpan(i * classes, classes);
            long most = System.Numerics.Tensors.TensorPrimitives.Max(shares);
            return shares.Count(most) > 1;
        });
    }

    private static QuantizedProgram Program(int seed, SoftmaxKind kind)
    {
        QuantizedProgram dense = TinyNetworks.Dense(seed);
        TensorType input = dense.Output;
        var choose = new Choices(seed);
        double step = choose.Of(0.02, 0.05, 0.2);
        TensorType shares = new(input.Shape, choose.Between(3, 8), false, 1);
        return dense with
        {
            Layers = dense.Layers.Add(Softmax(kind, dense.Layers.Length, input, shares, step)),
        };
    }

    private static SoftmaxLayer Softmax(
        SoftmaxKind kind, int tensor, TensorType input, TensorType shares, double step)
    {
        const int SumBits = 16, InverseBits = 8, Whole = 1023;
        int bits = input.Bits, count = 1 << bits;
        return new(
            "softmax", [tensor], shares, input, kind,
            [.. Enumerable.Range(0, count).Select(Entry)],
            kind > SoftmaxKind.Stable ? [] :
                [.. Enumerable.Range(0, 1 << InverseBits).Select(i => 4095 / (i + 1))])
        {
            Difference = Into(bits, 0),
            Exponential = Into(12, 0),
            Sum = Into(SumBits, 0),
            InverseInput = Into(InverseBits, SumBits - InverseBits - 2),
            Product = ConversionSpec.Into(
                new(shares.Bits, 0, shares.IsSigned),
                kind > SoftmaxKind.Stable ? 0 : 18 - shares.Bits,
                RoundingMode.NearestTiesAway, OverflowMode.Saturate),
            Factor = (1 << shares.Bits) - 1,
        };

        int Entry(int address)
        {
            // A latency softmax is addressed by the pattern of a signed number.
            double x = kind != SoftmaxKind.Latency ? -address
                : address < count / 2 || !input.IsSigned ? address - input.MaxRaw
                : address - count - input.MaxRaw;
            double e = Math.Exp(step * x);
            return kind switch
            {
                SoftmaxKind.Float32 => BitConverter.SingleToInt32Bits((float)e),
                SoftmaxKind.Gemmlowp => (int)(e * int.MaxValue),
                _ => (int)Math.Round(e * Whole),
            };
        }

        static ConversionSpec Into(int width, int shift) => ConversionSpec.Into(
            new(width, 0, false), shift, RoundingMode.TowardNegative, OverflowMode.Saturate);
    }
}

using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Layers;

/// <summary>
/// Softmax against a second implementation written from hls4ml's nnet_activation.h in real numbers:
/// values are doubles, a type is a function that rounds and saturates them, an index is a number of
/// bins.
/// </summary>
public sealed class SoftmaxTests
{
    private const int Classes = 7;

    // data_t ap_fixed<10,5>; inp_norm_t ap_ufixed<10,5,TRN,SAT>; exp_table_t, accum_t and inv_inp_t
    // of 18 bits.
    private static readonly Real Data = new(10, 5, true, false);
    private static readonly Real Norm = new(10, 5, false, false);
    private static readonly Real Exp = new(18, 8, true, true);
    private static readonly Real Accumulator = new(18, 8, true, true);
    private static readonly Real InverseInput = new(18, 10, true, true);
    private static readonly Real Inverse = new(18, 8, true, true);
    private static readonly Real Result = new(16, 6, true, true);

    [Theory]
    [InlineData(SoftmaxKind.Latency)]
    [InlineData(SoftmaxKind.Stable)]
    public void Run_RandomLogits_EqualsHls4mlInRealNumbers(Enum anyKind)
    {
        var kind = (SoftmaxKind)anyKind;
        var choose = new Choices(11);
        TensorType input = new(new(Classes, 5, 4), Data.Bits, true, Data.Step);
        long[] logits =
        [
            .. Enumerable.Range(0, 30 * input.Shape.Length).Select(_ => choose.Raw(-512, 511)),
        ];

        long[] actual = OneLayer.Run(input, logits, Layer(kind, input)).Outputs;

        int positions = input.Shape.Positions;
        for (int image = 0; image < 30; image++)
        {
            for (int position = 0; position < positions; position++)
            {
                int[] at =
                [
                    .. Enumerable
                        .Range(0, Classes)
                        .Select(c => (((image * Classes) + c) * positions) + position),
                ];
                double[] expected = Softmax(kind, [.. at.Select(i => logits[i] * Data.Step)]);
                Assert.Equal(expected, at.Select(i => actual[i] * Result.Step));
            }
        }
    }

    /// <summary>The same types, hls4ml's own code on AMD's own headers.</summary>
    [Theory]
    [InlineData(SoftmaxKind.Latency, 1)]
    [InlineData(SoftmaxKind.Stable, 2)]
    public void Run_GoldenLogits_EqualsHls4mlItself(Enum anyKind, int block)
    {
        var kind = (SoftmaxKind)anyKind;
        string path = Path.Combine(AppContext.BaseDirectory, "Golden", "softmax_hls4ml.csv");
        long[][] rows =
        [
            .. File.ReadLines(path)
                .Where(l => !l.StartsWith('#'))
                .Select(l =>
                    l.Split(',').Select(v => long.Parse(v, CultureInfo.InvariantCulture)).ToArray()
                ),
        ];
        TensorType input = new(new(Classes), Data.Bits, true, Data.Step);

        long[] actual = OneLayer.Run(
            input, [.. rows.SelectMany(r => r[..Classes])], Layer(kind, input)).Outputs;

        Assert.Equal(250, rows.Length);
        Assert.Equal(rows.SelectMany(r => r.Skip(block * Classes).Take(Classes)), actual);
    }

    private static double[] Softmax(SoftmaxKind kind, double[] data)
    {
        double[] address =
            kind == SoftmaxKind.Latency ? data : [.. data.Select(x => Norm.Of(data.Max() - x))];
        Real type = kind == SoftmaxKind.Latency ? Data : Norm;
        double sign = kind == SoftmaxKind.Latency ? 1 : -1;
        double[] e =
        [
            .. address.Select(x =>
                Accumulator.Of(Exp.Of(Math.Exp(sign * type.BinStart(x, 1 << 8))))
            ),
        ];
        double inverse = Inverse.Of(1 / InverseInput.BinStart(InverseInput.Of(Tree(e)), 1 << 9));
        return [.. e.Select(x => Result.Of(x * inverse))];
    }

    /// <summary>nnet_common.h's reduce.</summary>
    private static double Tree(double[] x)
    {
        if (x.Length == 1) return x[0];
        int left = (int)Math.Pow(2, Math.Floor(Math.Log2(x.Length - 1)));
        return Accumulator.Of(Tree(x[..left]) + Tree(x[left..]));
    }

    private static SoftmaxLayer Layer(SoftmaxKind kind, TensorType input)
    {
        Real address = kind == SoftmaxKind.Latency ? Data : Norm;
        double sign = kind == SoftmaxKind.Latency ? 1 : -1;
        return new SoftmaxLayer(
            "softmax", [0], new(input.Shape, Result.Bits, true, Result.Step), input, kind,
            [.. address.BinStarts(1 << 8).Select(x => Exp.RawOf(Math.Exp(sign * x)))],
            [.. InverseInput.BinStarts(1 << 9).Select(x => Inverse.RawOf(1 / x))])
        {
            Difference = Norm.From(Data.FractionBits),
            Exponential = Accumulator.From(Exp.FractionBits),
            Sum = Accumulator.From(Accumulator.FractionBits),
            InverseInput = InverseInput.From(Accumulator.FractionBits),
            Product = Result.From(Accumulator.FractionBits + Inverse.FractionBits),
        };
    }

    /// <summary>A type as a function on doubles: TRN or RND, always saturating.</summary>
    private sealed record Real(int Bits, int IntegerBits, bool IsSigned, bool Rounds)
    {
        public int FractionBits => Bits - IntegerBits;

        public double Step => Math.Pow(2, -FractionBits);

        private double Low => IsSigned ? -Math.Pow(2, IntegerBits - 1) : 0;

        private double High => Math.Pow(2, IsSigned ? IntegerBits - 1 : IntegerBits) - Step;

        public double Of(double x) =>
            Math.Clamp(Math.Floor((x / Step) + (Rounds ? 0.5 : 0)) * Step, Low, High);

        public int RawOf(double x) => (int)(Of(x) / Step);

        /// <summary>
        /// The lower end of the bin that a value falls into when its range is cut into n bins.
        /// </summary>
        public double BinStart(double x, int bins)
        {
            double width = (High + Step - Low) / bins;
            return Low + (Math.Floor((x - Low) / width) * width);
        }

        /// <summary>
        /// The same for every address: two's complement puts the negative half last.
        /// </summary>
        public IEnumerable<double> BinStarts(int bins) => Enumerable.Range(0, bins)
            .Select(i => (IsSigned && i >= bins / 2 ? i - bins : i) * (High + Step - Low) / bins);

        public ConversionSpec From(int fractionBits) =>
            OneLayer.Into(
                Bits, fractionBits - FractionBits,
                Rounds ? RoundingMode.NearestTiesTowardPositive : RoundingMode.TowardNegative,
                OverflowMode.Saturate, IsSigned);
    }
}

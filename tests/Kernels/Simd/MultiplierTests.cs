using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Tests.Layers;

namespace QSim.Kernels.Tests.Simd;

/// <summary>Integer multipliers at ties, ends and every shift, one per channel.</summary>
public sealed class MultiplierTests
{
    private static readonly int[] Multipliers =
    [
        1 << 30,
        (1 << 30) + 1,
        int.MaxValue,
        1431655765,
        0,
        1,
        -(1 << 30),
        int.MinValue + 1,
        1518500250,
    ];

    [Theory]
    [InlineData(RequantizationKind.MultiplierDouble, 0, 30)]
    [InlineData(RequantizationKind.MultiplierSingle, 32, 61)]
    public void Run_EveryShift_EqualsReference(
        Enum anyKind, int leastShift, int mostShift)
    {
        var kind = (RequantizationKind)anyKind;
        for (int first = leastShift; first <= mostShift; first++)
        {
            // Channels of one layer have different shifts, the last ones beyond whole vectors.
            int spread = Math.Min(5, mostShift - first + 1);
            Requantization[] channels =
            [
                .. Enumerable
                    .Range(0, 37)
                    .Select(c =>
                        Requantization(
                            kind, Multipliers[c % Multipliers.Length], first + (c % spread))
                    ),
            ];
            MacLayer layer = Layer(channels, first % 2 == 0 ? 8 : 16);
            OutputScaling? scaling = OutputScaling.Of(channels);
            if (System.Runtime.Intrinsics.X86.Avx2.IsSupported
                && scaling is not null
                && first < mostShift - 6)
                Assert.True(MultiplierOutput.Supports(channels, scaling, new(-(1 << 24), 1 << 24)));
            Run(layer, $"{kind}, shift {first}");
        }
    }

    private static void Run(MacLayer layer, string what)
    {
        var program = new QuantizedProgram(
            what, new(layer.Input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [layer]);
        var random = new Random(3);
        long[] inputs =
        [
            .. Enumerable.Range(-1500, 3000).Select(x => (long)x),
            .. Enumerable
                .Range(0, 2000)
                .Select(_ => (long)random.Next(short.MinValue, short.MaxValue + 1)),
        ];
        RunAssert.EqualsReference(new SimdBackend(), program, inputs, RunOptions.Default);
    }

    private static MacLayer Layer(Requantization[] channels, int bits)
    {
        TensorType input = new(new(1), 16, true, 1),
            output = new(new(channels.Length), bits, true, 1);
        return new(
            "dense",
            [0],
            output,
            input,
            new(),
            [.. channels.Select((_, c) => c % 2 == 0 ? 1 : 255)],
            16,
            true,
            [.. channels.Select((_, c) => (long)c - 5)],
            OneLayer.Unit(OneLayer.Into(32, 0)),
            [.. channels.Select(c => c with
            {
                Output = OneLayer.Into(
                    bits, 0, RoundingMode.NearestTiesToEven,
                    bits == 8 ? OverflowMode.Saturate : OverflowMode.Wrap),
            })]);
    }

    private static Requantization Requantization(
        RequantizationKind kind, int multiplier, int shift) =>
        OneLayer.Shift(OneLayer.Into(8, 0, RoundingMode.NearestTiesToEven), zeroPoint: 3) with
        {
            Kind = kind,
            Multiplier = multiplier,
            MultiplierShift = shift,
        };
}

using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Tests.Layers;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Simd;

/// <summary>
/// Float32 requantization where instructions and integers could part: ties, huge and tiny scales.
/// </summary>
public sealed class RealScaleTests
{
    private static readonly float[] Scales =
    [
        0,
        float.Epsilon,
        1e-40f,
        1e-20f,
        1.0f / 65536,
        1.0f / 4096,
        1.0f / 256,
        0.0117f,
        1.0f / 3,
        0.5f,
        1,
        1.5f,
        100.7f,
        1e9f,
        1e20f,
        float.MaxValue,
        -0.25f,
        -1e30f,
    ];

    /// <summary>Every rule that vectors have loops for, ties and biases included.</summary>
    [Theory]
    [InlineData(RequantizationKind.Real, RoundingMode.NearestTiesToEven)]
    [InlineData(RequantizationKind.Real, RoundingMode.NearestTiesTowardPositive)]
    [InlineData(RequantizationKind.RealOnce, RoundingMode.NearestTiesToEven)]
    public void Run_EveryRule_EqualsReference(Enum anyKind, RoundingMode rounding)
    {
        var kind = (RequantizationKind)anyKind;
        Requantization[] channels =
        [
            .. Scales.Where(s => s == 0 || Math.Abs(s) >= 1e-20f).Select((s, i) =>
            {
                Requantization one = Requantization(s);
                return one with
                {
                    Kind = kind,
                    Output = one.Output with { Rounding = rounding },
                    RealBias = i % 3 == 0 ? 0 : (i - 4) * 0.37f,
                };
            }),
        ];
        Assert.True(
            RealRules.Supports<ScaledToEven>(channels) || RealRules.Supports<ScaledUp>(channels)
            || RealRules.Supports<OnceToEven>(channels));
        Compare(channels);
    }

    [Fact]
    public void Run_ExtremeScales_EqualsReference() =>
        Compare([.. Scales.Select(Requantization)]);

    private static void Compare(Requantization[] channels)
    {
        TensorType input = new(new(2), 16, true, 1);
        TensorType output = new(new(channels.Length), 8, true, 1) { ZeroPoint = 3 };
        var layer = new MacLayer(
            "dense", [0], output, input, new(),
            [.. Enumerable.Range(0, 2 * channels.Length)
                .Select(i => (i * 7919 % 30000) - 15000)],
            16, true, [.. channels.Select((_, i) => (long)i - 5)],
            OneLayer.Unit(OneLayer.Into(32, 0)), [.. channels]);
        var program = new QuantizedProgram(
            "scales", new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [layer]);
        long[] inputs =
        [
            .. ProgramGenerator.Inputs(program, 1000, 1),
            .. Enumerable.Range(-1000, 2000).Select(x => (long)x),
        ];
        RunAssert.EqualsReference(new SimdBackend(), program, inputs, RunOptions.Default);
    }

    private static Requantization Requantization(float scale) =>
        OneLayer.Shift(OneLayer.Into(8, 0, RoundingMode.NearestTiesToEven), zeroPoint: 3) with
        {
            Kind = RequantizationKind.Real,
            RealScale = scale,
        };
}

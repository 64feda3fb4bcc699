using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
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

    [Fact]
    public void Run_ExtremeScales_EqualsReference()
    {
        TensorType input = new(new(2), 16, true, 1);
        TensorType output = new(new(Scales.Length), 8, true, 1) { ZeroPoint = 3 };
        var layer = new MacLayer(
            "dense", [0], output, input, new(),
            [.. Enumerable.Range(0, 2 * Scales.Length).Select(i => (i * 7919 % 30000) - 15000)], 16,
            true, [.. Scales.Select((_, i) => (long)i - 5)], Unit(),
            [.. Scales.Select(Requantization)]);
        var program = new QuantizedProgram(
            "scales", new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [layer]);
        long[] inputs =
        [
            .. ProgramGenerator.Inputs(program, 1000, 1),
            .. Enumerable.Range(-1000, 2000).Select(x => (long)x),
        ];
        int images = inputs.Length / 2;
        using IProgramRunner expected = new ReferenceBackend().Load(program);
        using IProgramRunner actual = new SimdBackend().Load(program);
        RunAssert.Equal(
            expected.Run(inputs, images, RunOptions.Default),
            actual.Run(inputs, images, RunOptions.Default), "scales");
    }

    private static MacSpec Unit() =>
        new()
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = 0,
            PartialAlign = 0,
            Update = ConversionSpec.Into(
                new(32, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Saturate),
            Lanes = 1,
            Order = ReductionOrder.ChannelLast,
            Interleave = 1,
            When = AccumulatorUpdate.EveryUpdate,
            Bias = BiasPosition.First,
            InputOffset = 0,
        };

    private static Requantization Requantization(float scale) =>
        new()
        {
            Kind = RequantizationKind.Real,
            Output = ConversionSpec.Into(
                new(8, 0, true), 0, RoundingMode.NearestTiesToEven, OverflowMode.Saturate),
            RealScale = scale,
            ZeroPoint = 3,
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };
}

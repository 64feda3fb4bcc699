using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Layers;

/// <summary>Runs one layer, or a few, on the reference backend.</summary>
internal static class OneLayer
{
    public static RunResult Run(TensorType input, long[] values, params ProgramLayer[] layers)
    {
        var program = new QuantizedProgram(
            "test", new(input, RoundingMode.TowardNegative, OverflowMode.Wrap), [.. layers]);
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        return runner.Run(values, values.Length / input.Shape.Length, RunOptions.WithEvents);
    }

    public static ConversionSpec Into(
        int bits, int shift, RoundingMode rounding = RoundingMode.TowardNegative,
        OverflowMode overflow = OverflowMode.Saturate, bool isSigned = true) =>
        ConversionSpec.Into(new FixedFormat(bits, 0, isSigned), shift, rounding, overflow);

    /// <summary>Exact products, one after another, each sum fitted into the accumulator.</summary>
    public static MacSpec Unit(ConversionSpec update) => new()
    {
        ProductStage = ProductStage.Exact,
        AccumulatorAlign = update.Shift,
        PartialAlign = 0,
        Update = update,
        Lanes = 1,
        Order = ReductionOrder.ChannelLast,
        Interleave = 1,
        When = AccumulatorUpdate.EveryUpdate,
        Bias = BiasPosition.First,
        InputOffset = 0,
    };

    public static Requantization Shift(ConversionSpec output, int zeroPoint = 0) => new()
    {
        Kind = RequantizationKind.Shift,
        Output = output,
        ZeroPoint = zeroPoint,
        ClampMin = long.MinValue,
        ClampMax = long.MaxValue,
    };
}

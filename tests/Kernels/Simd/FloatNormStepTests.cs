using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;

namespace QSim.Kernels.Tests.Simd;

/// <summary>Rows whose norm the processor's float32 would round to other bits.</summary>
public class FloatNormStepTests
{
    private const int Count = 16, Step = 8;

    /// <summary>
    /// The square of a small difference is nothing to the processor, and decides a tie of the sum
    /// of squares in the lane that it shares with a large one.
    /// </summary>
    [Theory]
    [InlineData(1e-25f, true)]
    [InlineData(1e-25f, false)]
    [InlineData(1e-12f, true)]
    public void Run_SmallNumbersBesideLarge_EqualsReference(float small, bool hasLanes)
    {
        TensorType integers = new(new(Count), 8, true, 1), channels = Numbers(new(Count)),
            row = Numbers(new(1, 1, Count));
        ImmutableArray<int> None(int count) => [.. Enumerable.Repeat(0, count)];
        var program = new QuantizedProgram(
            "norm", new(integers, RoundingMode.NearestTiesToEven, OverflowMode.Saturate),
            [
                new FloatDequantizeLayer(
                    "numbers", [0], channels, new(OrderedFloat.Of(1), 0)),
                new FloatAffineLayer(
                    "sizes", [1], channels, FloatScaling.Product,
                    [.. Enumerable.Range(0, Count).Select(
                        i => OrderedFloat.Of(i < Step ? small : 4097))],
                    None(Count)),
                new RearrangeLayer("row", [2], row, channels, [.. Enumerable.Range(0, Count)]),
                new FloatNormLayer(
                    "norm", [3], row,
                    [.. Enumerable.Repeat(OrderedFloat.Of(1), Count)], None(Count),
                    new(
                        hasLanes ? FloatNormSum.Lanes : FloatNormSum.OneByOne,
                        OrderedFloat.Of(1e-5f))),
            ]);
        long[] inputs = [.. Enumerable.Range(0, Count).Select(i => (i % Step) switch
        {
            0 => 1L,
            1 => -1L,
            _ => 0L,
        })];

        RunAssert.EqualsReference(new SimdBackend(), program, inputs, RunOptions.Default);
    }

    private static TensorType Numbers(TensorShape shape) => TensorType.Float32(shape);
}

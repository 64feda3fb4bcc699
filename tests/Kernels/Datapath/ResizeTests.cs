using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Datapath;

/// <summary>Images made larger, of float32 numbers and of integers.</summary>
public class ResizeTests
{
    /// <summary>Twice as wide: places -0.25, 0.25, 0.75, 1.25 of 0..1, held inside.</summary>
    [Theory]
    [InlineData("HalfPixel", "InTurn", new[] { 8f, 10, 14, 16 })]
    [InlineData("HalfPixel", "InPairs", new[] { 8f, 10, 14, 16 })]
    [InlineData("Asymmetric", "InTurn", new[] { 8f, 12, 16, 16 })]
    [InlineData("Asymmetric", "InPairs", new[] { 8f, 12, 16, 16 })]
    public void Run_TwoColumnsToFour_Blends(string place, string order, float[] wanted)
    {
        var scale = new ResizeScale(1, 2, Enum.Parse<ResizePlace>(place));

        Assert.Equal(
            wanted, Run(scale, Enum.Parse<ResizeOrder>(order), new(1, 1, 2), [8, 16]));
    }

    /// <summary>Every product and sum rounded, in either order.</summary>
    [Fact]
    public void Run_NumbersOfEverySize_RoundsAsTheProcessor()
    {
        var random = new Random(7);
        int differ = 0;
        for (int i = 0; i < 300; i++)
        {
            float[] x =
            [
                .. Enumerable.Range(0, 4).Select(
                    _ => (random.NextSingle() - 0.5f) * MathF.Pow(2, random.Next(-20, 20))),
            ];
            float[][] both =
            [
                .. Enum.GetValues<ResizeOrder>().Select(order => Run(
                    new(3, 3, ResizePlace.HalfPixel), order, new(1, 2, 2), x)),
            ];

            // The row and the column in the middle stand at (2 + 0.5) / 3 - 0.5 of the way.
            float at = ((2 + 0.5f) / 3) - 0.5f, left = 1 - at;
            float a = left * left * x[0], b = left * at * x[1];
            float c = at * left * x[2], d = at * at * x[3];
            Assert.Equal(a + b + c + d, both[0][14]);
            Assert.Equal(a + b + (c + d), both[1][14]);
            if (both[0][14] != both[1][14]) differ++;
        }

        Assert.InRange(differ, 20, 200);
    }

    /// <summary>What is left of a raw value is cut off, of negative ones as of others.</summary>
    [Theory]
    [InlineData("HalfPixel", new long[] { 3, 5, 9, 12, 3, 0, -6, -9 })]
    [InlineData("Asymmetric", new long[] { 3, 7, 12, 12, 3, -3, -9, -9 })]
    public void Run_Integers_AreCutOff(string place, long[] wanted)
    {
        var input = new TensorType(new(2, 1, 2), 8, true, 1);
        var layer = new ResizeLayer(
            "r", [0], input with { Shape = new(2, 1, 4) }, input,
            new(1, 2, Enum.Parse<ResizePlace>(place)));
        using IProgramRunner runner = new ReferenceBackend().Load(
            new("p", ProgramGenerator.Stage(input), [layer]));

        Assert.Equal(wanted, runner.Run([3, 12, 3, -9], 1, RunOptions.Default).Outputs);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 65)]
    [InlineData(3, 2)]
    public void WhyNot_AnotherSize_SaysSo(int rows, int columns)
    {
        var layer = new FloatResizeLayer(
            "r", [0], TensorType.Float32(new(1, 4, 4)), new(1, 2, 2),
            new(rows, columns, ResizePlace.HalfPixel), ResizeOrder.InTurn);

        Assert.NotNull(layer.WhyNot([TensorType.Float32(new(1, 2, 2))]));
        Assert.Null((layer with { Scale = layer.Scale with { Rows = 2, Columns = 2 } })
            .WhyNot([TensorType.Float32(new(1, 2, 2))]));
    }

    private static float[] Run(
        ResizeScale scale, ResizeOrder order, TensorShape shape, float[] image)
    {
        var input = TensorType.Float32(shape);
        var program = new QuantizedProgram(
            "p", ProgramGenerator.Stage(input),
            [
                new FloatResizeLayer(
                    "r", [0],
                    TensorType.Float32(new(
                        shape.Channels, shape.Rows * scale.Rows, shape.Columns * scale.Columns)),
                    shape, scale, order),
            ]);
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        return
        [
            .. runner.Run([.. image.Select(x => (long)OrderedFloat.Of(x))], 1, RunOptions.Default)
                .Outputs.Select(OrderedFloat.Value),
        ];
    }
}

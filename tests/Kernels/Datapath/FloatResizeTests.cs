using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Datapath;

/// <summary>Float32 images made larger.</summary>
public class FloatResizeTests
{
    /// <summary>Twice as wide: places -0.25, 0.25, 0.75, 1.25 of 0..1, held inside.</summary>
    [Theory]
    [InlineData("HalfPixel", "InTurn", new[] { 8f, 10, 14, 16 })]
    [InlineData("HalfPixel", "InPairs", new[] { 8f, 10, 14, 16 })]
    [InlineData("Asymmetric", "InTurn", new[] { 8f, 12, 16, 16 })]
    [InlineData("Asymmetric", "InPairs", new[] { 8f, 12, 16, 16 })]
    public void Run_TwoColumnsToFour_Blends(string place, string order, float[] wanted)
    {
        var form = new FloatResize(
            1, 2, Enum.Parse<ResizePlace>(place), Enum.Parse<ResizeOrder>(order));

        Assert.Equal(wanted, Run(form, new(1, 1, 2), [8, 16]));
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
                    new(3, 3, ResizePlace.HalfPixel, order), new(1, 2, 2), x)),
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

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 65)]
    [InlineData(3, 2)]
    public void WhyNot_AnotherSize_SaysSo(int rows, int columns)
    {
        var layer = new FloatResizeLayer(
            "r", [0], TensorType.Float32(new(1, 4, 4)), new(1, 2, 2),
            new(rows, columns, ResizePlace.HalfPixel, ResizeOrder.InTurn));

        Assert.NotNull(layer.WhyNot([TensorType.Float32(new(1, 2, 2))]));
        Assert.Null((layer with { Form = layer.Form with { Rows = 2, Columns = 2 } })
            .WhyNot([TensorType.Float32(new(1, 2, 2))]));
    }

    private static float[] Run(FloatResize form, TensorShape shape, float[] image)
    {
        var input = TensorType.Float32(shape);
        var program = new QuantizedProgram(
            "p", ProgramGenerator.Stage(input),
            [
                new FloatResizeLayer(
                    "r", [0],
                    TensorType.Float32(new(
                        shape.Channels, shape.Rows * form.Rows, shape.Columns * form.Columns)),
                    shape, form),
            ]);
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        return
        [
            .. runner.Run([.. image.Select(x => (long)OrderedFloat.Of(x))], 1, RunOptions.Default)
                .Outputs.Select(OrderedFloat.Value),
        ];
    }
}

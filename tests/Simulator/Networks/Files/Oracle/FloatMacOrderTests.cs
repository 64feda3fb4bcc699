using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// The order of a sum shows in its bits: what <see cref="FloatMacTests"/> finds equal to ONNX
/// Runtime's is not so in any other order.
/// </summary>
public class FloatMacOrderTests
{
    [Theory]
    [InlineData("together")]
    [InlineData("block")]
    [InlineData("taps")]
    [InlineData("products")]
    public void Run_ConvolutionInAnotherOrder_GivesOtherNumbers(string changed)
    {
        var model = new FloatMacModel(5, Weighting.Constant);
        string y = model.Convolution(
            model.Numbers(24), [16, 24, 3, 3], Is("pads", 1, 1, 1, 1));
        Differ(model, y, new(24, 6, 6), order => changed switch
        {
            "together" => order with { Together = order.Together / 2 },
            "block" => order with { Block = 1 },
            "taps" => order with { Taps = FloatTapOrder.Backward },
            _ => order with { Products = FloatProductOrder.Fours },
        });
    }

    [Theory]
    [InlineData("together")]
    [InlineData("bias")]
    [InlineData("products")]
    public void Run_GemmInAnotherOrder_GivesOtherNumbers(string changed)
    {
        var model = new FloatMacModel(5, Weighting.Constant);
        string x = model.Graph.Node("Flatten", [model.Numbers(600)]);
        Differ(model, model.Gemm(x, 600, 40, isTurned: true), new(600), order => changed switch
        {
            "together" => order with { Together = order.Together / 2 },
            "bias" => order with { Bias = FloatBiasPlace.Last },
            _ => order with { Products = FloatProductOrder.Lanes },
        });
    }

    private static void Differ(
        FloatMacModel model, string y, TensorShape shape,
        Func<FloatMacOrder, FloatMacOrder> change)
    {
        byte[] file = model.Graph.Build(
            DataType.Float, [-1, shape.Channels, shape.Rows, shape.Columns],
            model.Graph.Node("Flatten", [y]));
        QuantizedProgram program = QuantizedGraphTests.Program(
            OnnxImporter.Import(file, "f.onnx", shape), "onnxruntime-qlinear");
        QuantizedProgram changed = program with
        {
            Layers =
            [
                .. program.Layers.Select(l => l is FloatMacLayer mac
                    ? mac with { Order = change(mac.Order) }
                    : l),
            ],
        };
        float[] images = QuantizedGraphTests.Pixels(shape, 2);

        Assert.NotEqual(Outputs(program, images), Outputs(changed, images));
    }

    private static long[] Outputs(QuantizedProgram program, float[] images)
    {
        using var simulation = new Simulation(program, BackendList.Find("simd")!);
        return simulation.Run(images, RunOptions.Default).Outputs;
    }
}

using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// ReduceMean over any axes between dynamic layers: ONNX Runtime's means on one thread, run and
/// written again.
/// </summary>
public class DynamicReductionTests
{
    /// <summary>Of a convolution's channels, rows and columns.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1, 2)]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    [InlineData(1, 2, 3)]
    public void Run_AxesOfImages_GiveOnnxRuntimesMeans(params int[] axes)
    {
        foreach (int channels in new[] { 1, 7, 16 })
            foreach (int opset in new[] { 13, 19 })
                foreach (bool keeps in new[] { true, false })
                    Equal(opset, channels, [1, channels, 9, 11], axes, keeps);
    }

    /// <summary>Of tokens, as transformers have them, and of more dimensions.</summary>
    [Theory]
    [InlineData("1,33,21", "1")]
    [InlineData("1,33,21", "2")]
    [InlineData("1,33,21", "1,2")]
    [InlineData("1,7,3,33", "2")]
    [InlineData("1,7,1,99", "2")]
    [InlineData("1,7,99,1", "2")]
    [InlineData("1,7,99,1", "3")]
    [InlineData("1,7,1,9,11", "3")]
    [InlineData("1,7,9,1,11", "2,3")]
    [InlineData("1,3,7,3,11", "1,2")]
    [InlineData("1,3,7,3,11", "2,3")]
    [InlineData("1,3,7,3,11", "1,3")]
    [InlineData("1,3,7,3,11", "2,4")]
    [InlineData("1,3,7,3,11", "4")]
    [InlineData("1,693", "1")]
    [InlineData("1,2,18,11", "2")]
    public void Run_AxesOfAnyTensor_GiveOnnxRuntimesMeans(string extents, string axes)
    {
        int[] over = [.. axes.Split(',').Select(int.Parse)];
        long[] shape = [.. extents.Split(',').Select(long.Parse)];
        int channels = (int)(shape.Aggregate((a, b) => a * b) / 99);
        foreach (int opset in new[] { 13, 19 })
            Equal(opset, channels, shape, over, keeps: opset > 13);
    }

    /// <summary>Windows summed down their columns beside them, which older opsets alone have.
    /// </summary>
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1, 3)]
    public void Write_WindowsOfAnotherOrderBesideThem_RunTheSame(params int[] axes)
    {
        DynamicModel.SkipWiderBlocks();
        var model = new DynamicModel(3, true);
        string x = model.Graph.Node(
            "AveragePool", [model.Conv("x", 3, 7, 3, pad: 1)], Is("kernel_shape", 3, 3));
        Check(model, Mean(model.Graph, x, axes, keeps: true), optimizes: true);
    }

    private static void Equal(
        int opset, int channels, long[] extents, int[] axes, bool keeps)
    {
        var model = new DynamicModel(opset + channels, true, opset: opset);
        string x = model.Conv("x", 3, channels, 3, pad: 1);
        if (!extents.SequenceEqual([1, channels, 9, 11]))
            x = model.Graph.Node("Reshape", [x, model.Graph.Integers(extents)]);
        Check(model, Mean(model.Graph, x, axes, keeps), optimizes: axes.Length % 2 == 0);
    }

    private static string Mean(GraphBuilder graph, string x, int[] axes, bool keeps)
    {
        long[] over = [.. axes.Select(a => (long)a)];
        return graph.Opset < 18
            ? graph.Node("ReduceMean", [x], Is("axes", over), I("keepdims", keeps ? 1 : 0))
            : graph.Node(
                "ReduceMean", [x, graph.Integers(over)], I("keepdims", keeps ? 1 : 0));
    }

    private static void Check(DynamicModel model, string mean, bool optimizes)
    {
        byte[] file = model.Graph.Build(
            DataType.Float, [1, 3, 9, 11],
            model.Graph.Node("Reshape", [mean, model.Graph.Integers(1, -1)]));
        DynamicGraphTests.Equal(file, new(3, 9, 11), 8, optimizes);
        DynamicGraphTests.WrittenIsTheSame(file, new(3, 9, 11), 4);
    }
}

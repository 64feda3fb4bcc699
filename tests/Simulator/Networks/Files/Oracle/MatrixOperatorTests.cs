using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Products of activations, softmaxes over an axis, norms, roots and quotients, put together by
/// chance, against ONNX Runtime.
/// </summary>
public class MatrixOperatorTests
{
    [Fact]
    public void Import_RandomAttention_GivesOnnxRuntimesValues()
    {
        for (int seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            int channels = random.Next(1, 4), rows = random.Next(1, 6), columns = random.Next(2, 6);
            byte[] model = Model(random, channels, rows, columns);
            float[] image = [.. Enumerable.Range(0, channels * rows * columns)
                .Select(_ => random.NextSingle())];
            using var ort = new OrtModel(model, optimizes: false);
            float[] wanted = ort.Run(image, 1, channels, rows, columns);

            FloatNetwork network =
                OnnxImporter.Import(model, "f.onnx", new(channels, rows, columns));

            float[] found = FloatForward.Run(network, image)[^1];
            double largest = Math.Max(1, wanted.Max(Math.Abs));
            Assert.Equal(wanted.Length, found.Length);
            Assert.True(
                wanted.Zip(found).All(p => Math.Abs(p.First - p.Second) <= 2e-5 * largest),
                $"seed {seed}: {string.Join(' ', network.Layers.Select(l => l.Kind))}");
        }
    }

    [Theory]
    [InlineData("perm:1,0,2,3", "Relu", "moves the batch")]
    [InlineData("perm:2,0,1,3", "Relu", "moves the batch")]
    public void Import_BatchElsewhere_IsRefused(string perm, string reader, string why)
    {
        var graph = new GraphBuilder(17);
        string moved = graph.Node(
            "Transpose", ["x"], Is("perm", [.. perm[5..].Split(',').Select(long.Parse)]));
        byte[] model = graph.Build(
            DataType.Float, [1, 2, 3, 4], graph.Node(reader, [moved]));

        Assert.Contains(why, Assert.Throws<InputException>(
            () => OnnxImporter.Import(model, "f.onnx", new(2, 3, 4))).Message);
    }

    /// <summary>Of parts of a first axis one is taken; two of them are not one image.</summary>
    [Fact]
    public void Import_TwoPartsOfAFirstAxis_AreRefused()
    {
        var graph = new GraphBuilder(17);
        string wide = graph.Node("Reshape", ["x", graph.Integers(1, 3, 4, 2)]);
        string moved = graph.Node("Transpose", [wide], Is("perm", 2, 0, 1, 3));
        byte[] model = graph.Build(
            DataType.Float, [1, 2, 3, 4],
            graph.Node("Gather", [moved, graph.Integers(0, 2)]));

        Assert.Contains(
            "takes more than one part of what moved the batch",
            Assert.Throws<InputException>(
                () => OnnxImporter.Import(model, "f.onnx", new(2, 3, 4))).Message);
    }

    private static byte[] Model(Random random, int channels, int rows, int columns)
    {
        var graph = new GraphBuilder(17);
        float[] Noise(int count) =>
            [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        string x = "x";
        for (int step = 0; step < 3; step++)
            x = random.Next(6) switch
            {
                0 => Attention(graph, x, random.Next(1, 4)),
                1 => graph.Node(
                    "LayerNormalization",
                    [x, graph.Reals(Noise(columns), columns), graph.Reals(Noise(columns), columns)],
                    F("epsilon", 0.01f)),
                2 => graph.Node(
                    "InstanceNormalization",
                    [
                        x, graph.Reals(Noise(channels), channels),
                        graph.Reals(Noise(channels), channels),
                    ],
                    F("epsilon", 0.01f)),
                3 => graph.Node(
                    "MatMul", [x, graph.Reals(Noise(columns * columns), columns, columns)]),
                4 => graph.Node(
                    "Div",
                    [
                        x,
                        graph.Node("Sqrt", [graph.Node(
                            "Add", [graph.Node("Pow", [x, graph.Real(2)]), graph.Real(0.25f)])]),
                    ]),
                _ => graph.Node("Softmax", [x], I("axis", random.Next(1, 4))),
            };
        return graph.Build(
            DataType.Float, [1, channels, rows, columns],
            graph.Node("Relu", [graph.Node("Add", [x, graph.Real(0.5f)])]));
    }

    private static string Attention(GraphBuilder graph, string x, int axis)
    {
        string turned = graph.Node("Transpose", [x], Is("perm", 0, 1, 3, 2));
        string scores = graph.Node("MatMul", [x, turned]);
        string shares = graph.Node("Softmax", [scores], I("axis", axis));
        return graph.Node("MatMul", [shares, x]);
    }
}

using Google.Protobuf;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Training;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Data.Sources;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using Extent = QSim.Simulator.Networks.Files.Onnx.Schema.TensorShapeProto.Types.Dimension;

namespace QSim.Runner.Tests.Packages;

/// <summary>
/// The files that the README's C# reads, as its reader would have them: a network trained elsewhere
/// and images in numpy's arrays.
/// </summary>
internal static class ExampleFiles
{
    private const int Images = 300;

    /// <summary>Writes <c>net.onnx</c> and <c>images.npz</c>.</summary>
    public static void WriteTo(string folder)
    {
        Dataset digits = new DigitsSource().Load(new DataFolders([]));
        FloatNetwork network = new NetworkBuilder("net", digits.Test.Shape)
            .Flatten().Dense(32).Relu().Dense(10).Build();
        Initializer.KaimingUniform(network, seed: 1);
        using (ITrainableModel model = GradientEngineList.Find("managed")!.Create(network))
            Trainer.Train(
                network, model, digits.Train.Pixels, digits.Train.Labels, new() { Epochs = 20 });
        File.WriteAllBytes(Path.Combine(folder, "net.onnx"), Onnx(network));

        ImageSet test = digits.Test.Slice(0, Images);
        using FileStream npz = File.Create(Path.Combine(folder, "images.npz"));
        NpzFile.Write(npz, [
            ("images", NpyArray.Of(
                test.Pixels, Images, test.Shape.Channels, test.Shape.Rows, test.Shape.Columns)),
            ("labels", NpyArray.Of([.. test.Labels.Select(l => (long)l)], Images)),
        ]);
    }

    private static byte[] Onnx(FloatNetwork network)
    {
        var graph = new GraphProto
        {
            Name = "net",
            Input = { Value("x", network.Input) },
            Output = { Value("z", new(10)) },
        };
        string last = Node(graph, "Flatten", "x");
        foreach (DenseLayer layer in network.Layers.OfType<DenseLayer>())
        {
            if (graph.Initializer.Count > 0) last = Node(graph, "Relu", last);
            foreach ((string name, float[] values) in new[]
                { ("w", layer.Weight), ("b", layer.Bias) })
                graph.Initializer.Add(new TensorProto
                {
                    Name = $"{layer.Name}.{name}",
                    DataType = TensorProto.Types.DataType.Float,
                    Dims = { values.Length / layer.Bias.Length == 1
                        ? new long[] { values.Length }
                        : [layer.Bias.Length, values.Length / layer.Bias.Length] },
                    FloatData = { values },
                });
            last = Node(graph, "Gemm", last, $"{layer.Name}.w", $"{layer.Name}.b");
            graph.Node[^1].Attribute.Add(new AttributeProto { Name = "transB", I = 1, Type = 2 });
        }

        graph.Node[^1].Output[0] = "z";
        return new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Version = 13 } },
            Graph = graph,
        }.ToByteArray();
    }

    private static string Node(GraphProto graph, string type, params string[] inputs)
    {
        string output = $"t{graph.Node.Count}";
        graph.Node.Add(new NodeProto { OpType = type, Input = { inputs }, Output = { output } });
        return output;
    }

    private static ValueInfoProto Value(string name, TensorShape shape)
    {
        var dimensions = new TensorShapeProto { Dim = { new Extent { DimParam = "n" } } };
        int[] extents = shape.Rows * shape.Columns == 1 ? [shape.Channels]
            : [shape.Channels, shape.Rows, shape.Columns];
        foreach (int extent in extents) dimensions.Dim.Add(new Extent { DimValue = extent });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = dimensions },
            },
        };
    }
}

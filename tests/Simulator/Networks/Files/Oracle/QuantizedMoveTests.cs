using QSim.Simulator.Networks.Files.Onnx;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// What moves values between layers and their pairs, through which ONNX Runtime moves pairs: run
/// and written again. QSIM_QUANTIZED_GRAPHS sets how many random graphs, QSIM_ONNX_SEED the first
/// seed.
/// </summary>
public class QuantizedMoveTests
{
    // What the program or ONNX has no order of sums for.
    private static readonly string[] Refusals =
    [
        "in which order ONNX Runtime sums here is not known", "output: nothing quantizes",
        "ONNX Runtime would take what follows", "no ONNX operator of float32 numbers is summed",
    ];

    public static TheoryData<string, string, string> Layers()
    {
        var all = new TheoryData<string, string, string>();
        foreach (string unit in new[] { "Add", "Mul", "AveragePool", "Conv", "MatMul", "Softmax" })
            foreach (string move in new[] { "Transpose", "Reshape", "Flatten", "MaxPool" })
                foreach (string place in new[] { "ahead", "behind", "before Relu", "behind Relu" })
                    all.Add(unit, move, place);
        return all;
    }

    [SkippableTheory]
    [MemberData(nameof(Layers))]
    public void Run_MoveBesideALayer_GivesOnnxRuntimesIntegers(
        string unit, string move, string place)
    {
        DynamicModel.SkipWiderBlocks();
        // A Flatten ahead of a MatMul alone leaves it in numbers of unknown order, and of a line
        // there is no window.
        Skip.If(place == "ahead" && move == "Flatten" && unit is not ("Add" or "Mul"));
        foreach (DataType type in new[] { DataType.Uint8, DataType.Int8 })
            for (int seed = 1; seed <= 6; seed++)
            {
                byte[] file = Beside(new(seed, type), unit, move, place);
                DynamicGraphTests.Equal(file, TieGraph.Shape, 6, optimizes: true, 1);
                DynamicGraphTests.WrittenIsTheSame(file, TieGraph.Shape, 2, 1);
            }
    }

    [SkippableFact]
    public void Run_RandomGraphs_GiveOnnxRuntimesIntegers() => Each(
        file => DynamicGraphTests.Equal(file, TieGraph.Shape, 6, optimizes: true, 1));

    [SkippableFact]
    public void Write_RandomGraphs_RunTheSame() => Each(
        file => DynamicGraphTests.WrittenIsTheSame(file, TieGraph.Shape, 3, 1));

    /// <summary>However long a chain of what does nothing is, nobody runs out of stack.</summary>
    [Fact]
    public void Import_LongChainOfIdentities_IsRead()
    {
        var graph = new TieGraph(1, DataType.Uint8);
        GraphBuilder nodes = graph.Graph;
        string x = QuantizedIslandTests.Pair(nodes, "x", 1 / 255f, 0);
        for (int i = 0; i < 20_000; i++) x = nodes.Node("Identity", [x]);
        string y = QuantizedIslandTests.Pair(nodes, nodes.Node("Relu", [x]), 1 / 255f, 0);
        byte[] file = nodes.Build(DataType.Float, [-1, 8, 6, 6], nodes.Node("Flatten", [y]));

        Assert.Equal(
            TieGraph.Shape.Length,
            OnnxImporter.Import(file, "f.onnx", TieGraph.Shape).Classes);
    }

    /// <summary>
    /// The scale of a mean is rounded once, that of a convolution by its count's reciprocal twice.
    /// </summary>
    [SkippableTheory]
    [InlineData(2)]
    [InlineData(3)]
    public void Write_MeanOfAWholeImage_RunsTheSame(int columns)
    {
        DynamicModel.SkipWiderBlocks();
        for (int steps = 0; steps < 49; steps++)
        {
            var graph = new TieGraph(steps, DataType.Uint8);
            GraphBuilder nodes = graph.Graph;
            string pixels = QuantizedIslandTests.Pair(nodes, "x", 1 / 255f, 0);
            string x = graph.Pair(
                graph.Convolved(pixels), (1 + (steps / 7)) / 256f, graph.Zero(90, 160));
            string some = nodes.Node(
                "Slice",
                [x, nodes.Integers(0), nodes.Integers(columns), nodes.Integers(3)]);
            string mean = graph.Pair(
                nodes.Node("GlobalAveragePool", [some]), (1 + (steps % 7)) / 512f, 114);
            DynamicGraphTests.WrittenIsTheSame(
                nodes.Build(DataType.Float, [-1, 8, 6, 6], nodes.Node("Flatten", [mean])),
                TieGraph.Shape, 6, 1);
        }
    }

    private static byte[] Beside(TieGraph graph, string unit, string move, string place)
    {
        GraphBuilder nodes = graph.Graph;
        (string x, float scale) = graph.Operand();
        (string other, float by) = graph.Operand();
        string Moved(string value) => move switch
        {
            "Transpose" => nodes.Node(move, [value], Is("perm", 0, 1, 3, 2)),
            "Reshape" => nodes.Node(move, [value, nodes.Integers(0, 4, -1, 2)]),
            "Flatten" => nodes.Node(move, [value]),
            _ => nodes.Node(move, [value], Is("kernel_shape", 2, 2)),
        };
        if (place == "ahead") (x, other) = (Moved(x), Moved(other));
        string y = unit switch
        {
            "Add" or "Mul" => nodes.Node(unit, [x, other]),
            "AveragePool" => nodes.Node(unit, [x], Is("kernel_shape", 2, 2)),
            "Softmax" => nodes.Node(unit, [x], I("axis", 3)),
            "Conv" => graph.Convolved(x, move == "Reshape" && place == "ahead" ? 4 : 8),
            _ => nodes.Node(unit, [x, nodes.Node(
                "DequantizeLinear",
                [
                    nodes.Raw(
                        DataType.Int8,
                        [.. Enumerable.Range(0, 30).Select(_ => graph.Next(127) - 63)],
                        (place == "ahead" ? move : "") switch
                        {
                            "MaxPool" => [5, 6],
                            "Reshape" => [2, 15],
                            _ => [6, 5],
                        }),
                    nodes.Real(1 / 64f), nodes.Raw(DataType.Int8, [0]),
                ])]),
        };
        if (place == "behind Relu") y = nodes.Node("Relu", [y]);
        if (place != "ahead") y = Moved(y);
        if (place == "before Relu") y = nodes.Node("Relu", [y]);
        float step = graph.Scale(unit switch
        {
            "Mul" => scale * by * 64,
            "Conv" or "MatMul" => scale * 4,
            "Softmax" => 1 / 64f,
            _ => scale,
        });
        string pair = graph.Pair(y, step, graph.Zero(60, 190));

        // At the end there would be logits behind a softmax.
        string end = graph.Pair(nodes.Node("Sigmoid", [pair]), 1 / 200f, graph.Zero());
        return nodes.Build(DataType.Float, [-1, 8, 6, 6], nodes.Node("Flatten", [end]));
    }

    private static void Each(Action<byte[]> test)
    {
        DynamicModel.SkipWiderBlocks();
        int graphs = OnnxRuntimeTests.Setting("QSIM_QUANTIZED_GRAPHS", 100);
        int first = OnnxRuntimeTests.Setting("QSIM_ONNX_SEED", 1);
        List<string> failed = [];
        int refused = 0;
        for (int seed = first; seed < first + graphs; seed++)
        {
            var graph = new MoveGraph(seed);
            byte[] file = graph.Build();
            try
            {
                test(file);
            }
            catch (Exception e) when (Refusals.Any(e.Message.Contains))
            {
                refused++;
            }
            catch (Exception e)
            {
                failed.Add($"seed {seed} ({string.Join(", ", graph.Steps)}): {e.Message}");
            }
        }

        Assert.True(failed.Count == 0, $"{failed.Count}\n{string.Join('\n', failed)}");
        Assert.True(refused <= graphs / 10, $"{refused} refused");
    }
}

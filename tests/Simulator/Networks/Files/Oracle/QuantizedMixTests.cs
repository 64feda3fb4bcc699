using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Windows of all kinds, integers of several types in one graph, values that are cut up and joined:
/// read, and written again. QSIM_QUANTIZED_GRAPHS sets how many random graphs, QSIM_ONNX_SEED the
/// first seed.
/// </summary>
public class QuantizedMixTests
{
    // What no one has an order of sums for, and files that ONNX Runtime itself fails at.
    private static readonly string[] Refusals =
    [
        "no ONNX operator of float32 numbers is summed", "sums down columns", "softmax.kind",
        "in which order ONNX Runtime sums here is not known", "its last window sticks out",
        "it computes in float32: nothing quantizes it", "output_dtype INT8 does not match",
        "pairs of one type in a row", "ShapeInferenceError",
    ];

    [SkippableFact]
    public void RunAndWrite_RandomGraphs_GiveOnnxRuntimesIntegers()
    {
        DynamicModel.SkipWiderBlocks();
        int graphs = OnnxRuntimeTests.Setting("QSIM_QUANTIZED_GRAPHS", 200);
        int first = OnnxRuntimeTests.Setting("QSIM_ONNX_SEED", 1);
        List<string> failed = [];
        int refused = 0;
        for (int seed = first; seed < first + graphs; seed++)
        {
            var graph = new MixGraph(seed);
            try
            {
                Same(graph.Build(), graph.Shape);
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
        Assert.True(refused <= graphs / 20, $"{refused} refused");
    }

    /// <summary>
    /// Zeros that a last window reaches behind the padding count in operators of integers alone.
    /// </summary>
    [SkippableTheory]
    [InlineData(13, "pair")]
    [InlineData(19, "pair")]
    [InlineData(13, "numbers")]
    [InlineData(19, "numbers")]
    [InlineData(13, "operator")]
    public void Run_WindowThatSticksOutAndCountsPadding_GivesOnnxRuntimesIntegers(
        int opset, string form)
    {
        DynamicModel.SkipWiderBlocks();
        foreach (long[] pads in (long[][])[[0, 0, 0, 0], [1, 0, 0, 1], [0, 1, 2, 0]])
            foreach (int channels in (int[])[3, 8])
            {
                var nodes = new GraphBuilder(opset);
                string[] how = [nodes.Real(1 / 64f), nodes.Raw(DataType.Uint8, [90])];
                string raw = nodes.Node("QuantizeLinear", [Sums(nodes, channels), .. how]);
                AttributeProto[] window =
                [
                    Is("kernel_shape", 3, 3), Is("strides", 2, 2), Is("pads", pads),
                    I("ceil_mode", 1), I("count_include_pad", 1),
                ];
                string y = form == "operator"
                    ? nodes.Node(
                        "DequantizeLinear",
                        [
                            nodes.Node(
                                "com.microsoft:QLinearAveragePool", [raw, .. how, .. how],
                                window),
                            .. how,
                        ])
                    : nodes.Node(
                        "AveragePool", [nodes.Node("DequantizeLinear", [raw, .. how])], window);
                if (form == "pair") y = QuantizedIslandTests.Pair(nodes, y, 1 / 80f, 100);
                Same(Ended(nodes, y, [channels, 6, 6]), [channels, 6, 6]);
            }
    }

    [Fact]
    public void Import_WindowThatSticksOutAheadOfAClamp_IsRefused()
    {
        var nodes = new GraphBuilder(13);
        string x = QuantizedIslandTests.Pair(nodes, "x", 1 / 255f, 0);
        string y = nodes.Node(
            "AveragePool", [x], Is("kernel_shape", 3, 3), Is("strides", 2, 2), I("ceil_mode", 1),
            I("count_include_pad", 1));
        y = QuantizedIslandTests.Pair(nodes, nodes.Node("Relu", [y]), 1 / 300f, 3);

        var e = Assert.Throws<InputException>(() => OnnxImporter.Import(
            Ended(nodes, y, [3, 6, 6]), "f.onnx", new(3, 6, 6)));

        Assert.Contains("its last window sticks out (ceil_mode)", e.Message);
    }

    /// <summary>A pair is moved back to whichever output of a Split it belongs to.</summary>
    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    public void Run_TransposeBehindASplit_GivesOnnxRuntimesIntegers(int output)
    {
        DynamicModel.SkipWiderBlocks();
        var nodes = new GraphBuilder(13);
        string x = QuantizedIslandTests.Pair(nodes, Sums(nodes, 4), 1 / 90f, 98);
        string[] parts = nodes.Nodes("Split", [x, nodes.Integers(2, 2)], 2, I("axis", 1));
        string y = nodes.Node("Transpose", [parts[output]], Is("perm", 0, 2, 3, 1));
        string other = QuantizedIslandTests.Pair(nodes, parts[1 - output], 1 / 130f, 99);
        y = nodes.Node(
            "Concat",
            [
                nodes.Node("Flatten", [QuantizedIslandTests.Pair(nodes, y, 1 / 200f, 60)]),
                nodes.Node("Flatten", [other]),
            ],
            I("axis", 1));
        Same(Ended(nodes, y, [4, 4, 4]), [4, 4, 4]);
    }

    /// <summary>
    /// A Transpose between pairs of two scales is moved to another one, and both become one pair.
    /// </summary>
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Quantize_TransposeBetweenPairsThatMeetsAnother_IsRefused(bool hasAnother)
    {
        DynamicModel.SkipWiderBlocks();
        var nodes = new GraphBuilder(13);
        string x = QuantizedIslandTests.Pair(nodes, Sums(nodes, 3), 1 / 90f, 98);
        x = nodes.Node("Transpose", [x], Is("perm", 0, 2, 3, 1));
        x = QuantizedIslandTests.Pair(nodes, x, 1 / 58f, 116);
        if (hasAnother)
            x = nodes.Node("Transpose", [nodes.Node("Tanh", [x])], Is("perm", 0, 2, 3, 1));
        byte[] file = Ended(
            nodes, QuantizedIslandTests.Pair(nodes, x, 1 / 70f, 99), [3, 4, 4]);
        if (!hasAnother)
        {
            Same(file, [3, 4, 4]);
            return;
        }

        var e = Assert.Throws<QuantizationException>(() => Same(file, [3, 4, 4]));

        Assert.Contains("moves a Transpose between them to another", e.Message);
    }

    /// <summary>
    /// A constant that was quantized, too, behind two pairs of which ONNX Runtime makes one.
    /// </summary>
    [SkippableTheory]
    [InlineData("Add")]
    [InlineData("Mul")]
    public void Run_ConstantBehindPairsInARow_GivesOnnxRuntimesIntegers(string type)
    {
        DynamicModel.SkipWiderBlocks();
        var nodes = new GraphBuilder(13);
        string x = QuantizedIslandTests.Pair(nodes, Sums(nodes, 3), 1 / 90f, 98);
        x = QuantizedIslandTests.Pair(nodes, x, 1 / 58f, 116);
        string constant = nodes.Node(
            "DequantizeLinear",
            [
                nodes.Raw(DataType.Uint8, [3, 100, 47], 1, 3, 1, 1), nodes.Real(0.01f),
                nodes.Raw(DataType.Uint8, [9]),
            ]);
        string y = nodes.Node("Relu", [nodes.Node(type, [x, constant])]);
        Same(Ended(nodes, QuantizedIslandTests.Pair(nodes, y, 1 / 70f, 9), [3, 4, 4]), [3, 4, 4]);
    }

    /// <summary>A constant of int8 in a node of its own.</summary>
    [SkippableTheory]
    [InlineData("Add")]
    [InlineData("Mul")]
    public void Run_ConstantInANode_GivesOnnxRuntimesIntegers(string type)
    {
        DynamicModel.SkipWiderBlocks();
        var nodes = new GraphBuilder(13) { HasConstantNodes = true };
        string[] how = [nodes.Real(1 / 127f), nodes.Raw(DataType.Int8, [-5])];
        string Numbers(string raw) => nodes.Node("DequantizeLinear", [raw, .. how]);
        string x = Numbers(nodes.Node("QuantizeLinear", ["x", .. how]));
        string y = nodes.Node(
            type, [x, Numbers(nodes.Raw(DataType.Int8, [3, 100, -7], 1, 3, 1, 1))]);
        y = Numbers(nodes.Node("QuantizeLinear", [y, .. how]));
        Same(Ended(nodes, y, [3, 4, 4]), [3, 4, 4]);
    }

    internal static string Sums(GraphBuilder nodes, int channels) => nodes.Node(
        "Conv",
        [
            QuantizedIslandTests.Pair(nodes, "x", 1 / 255f, 0),
            nodes.Node(
                "DequantizeLinear",
                [
                    nodes.Raw(
                        DataType.Int8,
                        [
                            .. Enumerable.Range(0, channels * channels)
                                .Select(i => (i * 37 % 127) - 63),
                        ],
                        channels, channels, 1, 1),
                    nodes.Real(1 / 64f), nodes.Raw(DataType.Int8, [0]),
                ]),
        ]);

    internal static byte[] Ended(GraphBuilder nodes, string y, int[] shape) => nodes.Build(
        DataType.Float, [-1, .. shape.Select(e => (long)e)], nodes.Node("Flatten", [y]));

    internal static void Same(byte[] file, int[] extents)
    {
        TensorShape shape = extents is [var channels, .. var more]
            ? new(channels, more.Length > 1 ? more[0] : 1, more is [.., var last] ? last : 1)
            : default;
        float[] images = QuantizedGraphTests.Pixels(shape, 3);
        FloatNetwork network = BatchNormFolding.ForHardware(
            OnnxImporter.Import(file, "f.onnx", shape));
        QuantizedProgram program = QuantizedGraphTests.Program(network, "onnxruntime-qlinear");
        float[] found = DynamicGraphTests.Logits(program, images);

        Assert.Equal(Ort(file, extents), found);
        byte[] written = QdqWriter.Write(program, network);
        int[] whole = [.. ModelProto.Parser.ParseFrom(written).Graph.Input[0].Type.TensorType
            .Shape.Dim.Skip(1).Select(d => (int)d.DimValue)];
        Assert.Equal(Ort(written, whole), found);

        float[] Ort(byte[] model, int[] of)
        {
            using var ort = new OrtModel(model);
            return [.. images.Chunk(shape.Length).SelectMany(i => ort.Run(i, [1, .. of]))];
        }
    }
}

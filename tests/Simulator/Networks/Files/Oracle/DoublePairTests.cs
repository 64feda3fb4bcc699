using System.Runtime.Intrinsics.X86;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Pairs of one type in a row: ONNX Runtime makes one of two, under its conditions.
/// </summary>
public class DoublePairTests
{
    private static readonly TensorShape Image = new(16, 8, 8);

    /// <summary>Random scales, zero points and types; two to five in a row.</summary>
    [SkippableTheory]
    [InlineData("")]
    [InlineData("LeakyRelu")]
    [InlineData("MaxPool")]
    [InlineData("Mul")]
    [InlineData("Identity")]
    [InlineData("Conv")]
    [InlineData("float bias")]
    [InlineData("float weights")]
    public void Run_PairsInARow_GiveOnnxRuntimesNumbers(string behind)
    {
        Skip.If(
            behind == "float weights" && !AvxVnni.IsSupported && !Avx512BW.IsSupported,
            "they become int8 of which sums saturate in pairs without VNNI");
        for (int seed = 1; seed <= 24; seed++)
        {
            var random = new Random(seed);
            DataType type = (seed % 4) switch
            {
                0 => DataType.Int8,
                1 => behind == "" ? DataType.Uint16 : DataType.Uint8,
                2 => behind == "" ? DataType.Int16 : DataType.Int8,
                _ => DataType.Uint8,
            };
            bool isWide = type is DataType.Uint16 or DataType.Int16;
            var graph = new GraphBuilder(isWide ? 21 : 13);
            string x = QuantizedIslandTests.Sums(graph);
            float first = Scale();
            int zero = Zero();
            // Sums end with one of uint8. What moves values moves pairs before three are one.
            int most = behind is "MaxPool" or "float bias" or "float weights" ? 2 : 5;
            for (int count = random.Next(2, most + 1) - (type == DataType.Uint8 ? 1 : 0);
                count > 0; count--)
            {
                // Some have one zero point, some one scale, some both.
                if (random.Next(4) > 0) first = Scale();
                if (random.Next(3) > 0) zero = Zero();
                x = Pair(graph, x, first, zero, type, random.Next(2) == 0 && count == 2);
                if (behind == "Identity") x = graph.Node(behind, [x]);
            }

            string y = behind switch
            {
                "LeakyRelu" => graph.Node(behind, [x], F("alpha", 0.25f)),
                "MaxPool" => graph.Node(behind, [x], Is("kernel_shape", 2, 2)),
                "Mul" => graph.Node(behind, [x, x]),
                "Conv" or "float bias" or "float weights" => Convolution(graph, x, first, behind),
                _ => x,
            };
            if (behind is not ("" or "MaxPool" or "Identity"))
                y = Pair(graph, y, 1 / 61f, Zero(), type);
            try
            {
                // Integers of a bias stay its own: such a sum of numbers is not written.
                if (behind == "Conv")
                    DynamicGraphTests.Equal(
                        graph.Build(
                            DataType.Float, [-1, 16, 8, 8], graph.Node("Flatten", [y])), Image, 10,
                        optimizes: true, leastDistinct: 1);
                else QuantizedIslandTests.Equal(graph, y, 10, leastDistinct: 1);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }

            float Scale() => (0.5f + random.NextSingle()) / 40 / (isWide ? 250 : 1);

            int Zero()
            {
                int from = random.Next(isWide ? 20000 : 60, isWide ? 45000 : 190);
                return from - (type == DataType.Int8 ? 128 : type == DataType.Int16 ? 32768 : 0);
            }
        }
    }

    /// <summary>Where ONNX Runtime leaves both, both round.</summary>
    [Theory]
    [InlineData("first read twice")]
    [InlineData("numbers read twice")]
    [InlineData("no zero point")]
    [InlineData("two types")]
    [InlineData("second is raw")]
    public void Run_PairsThatStay_GiveOnnxRuntimesNumbers(string form)
    {
        var graph = new GraphBuilder(13);
        string sums = QuantizedIslandTests.Sums(graph);
        string[] how = [graph.Real(1 / 31f), graph.Raw(DataType.Uint8, [101])];
        string raw = graph.Node("QuantizeLinear", [sums, .. how]);
        string x = graph.Node("DequantizeLinear", [raw, .. how]);
        string[] next = form == "no zero point"
            ? [graph.Reals([1 / 40f])]
            : [graph.Reals([1 / 40f]), graph.Raw(
                form == "two types" ? DataType.Int8 : DataType.Uint8,
                [form == "two types" ? -27 : 90])];
        string other = graph.Node("QuantizeLinear", [x, .. next]);
        string y = form == "second is raw"
            ? graph.Node(
                "DequantizeLinear",
                [graph.Node("MaxPool", [other], Is("kernel_shape", 2, 2)), .. next])
            : graph.Node("DequantizeLinear", [other, .. next]);
        y = form switch
        {
            "first read twice" => graph.Node(
                "Concat", [y, graph.Node("DequantizeLinear", [raw, .. how])], I("axis", 1)),
            "numbers read twice" => graph.Node("Concat", [y, x], I("axis", 1)),
            _ => y,
        };

        if (form is not ("no zero point" or "second is raw"))
        {
            QuantizedIslandTests.Equal(graph, y, 10);
            return;
        }

        byte[] file = graph.Build(
            DataType.Float, [-1, 16, 8, 8], graph.Node("Flatten", [y]));
        DynamicGraphTests.Equal(file, Image, 10, optimizes: true);
        DynamicGraphTests.WrittenIsTheSame(file, Image, 10);
    }

    /// <summary>Other profiles run both pairs.</summary>
    [Theory]
    [InlineData("onnxruntime-qlinear", 2)]
    [InlineData("int8-wide", 3)]
    public void Quantize_TwoPairs_AreOneOnOnnxRuntimesArithmetic(string profile, int scales)
    {
        var graph = new GraphBuilder(13);
        string x = QuantizedIslandTests.Sums(graph);
        string y = Pair(graph, x, 1 / 40f, 90, DataType.Uint8);
        var network = OnnxImporter.Import(
            graph.Build(DataType.Float, [-1, 16, 8, 8], graph.Node("Flatten", [y])), "f.onnx",
            Image);

        QuantizedProgram program = QuantizedGraphTests.Program(network, profile);

        Assert.Equal(
            scales, program.Layers.Select(l => l.Output.Scale).Append(program.Input.Type.Scale)
                .Distinct().Count());
    }

    /// <summary>One leaves no number but 0 that the other has.</summary>
    [Fact]
    public void Quantize_TwoPairsWithoutARange_IsRefused()
    {
        var graph = new GraphBuilder(13);
        string x = QuantizedIslandTests.Sums(graph);
        string y = Pair(graph, Pair(graph, x, 1 / 40f, 0, DataType.Uint8), 0.1f, 255,
            DataType.Uint8);
        var network = OnnxImporter.Import(
            graph.Build(DataType.Float, [-1, 16, 8, 8], graph.Node("Flatten", [y])), "f.onnx",
            Image);

        var e = Assert.Throws<QuantizationException>(
            () => QuantizedGraphTests.Program(network, "onnxruntime-qlinear"));

        Assert.Contains("whose scale would be 0", e.Message);
        QuantizedGraphTests.Program(network, "int8-wide");
    }

    /// <summary>
    /// Rounded weights take all 8 bits, of which ONNX Runtime adds two products in 16 on processors
    /// with AVX2 alone: there each channel has one.
    /// </summary>
    private static string Convolution(GraphBuilder graph, string x, float scale, string form)
    {
        int[] raw = [.. Enumerable.Range(0, 64).Select(i => (i * 29 % 51) - 25)];
        float step = 1 / 60f;
        float[] bias = [0.31f, -0.52f, 0.093f, 0.0071f];
        if (form == "float weights")
            return graph.Node(
                "Conv",
                [
                    x, graph.Reals([.. raw[..16].Select(r => r * step * 0.97f)], 16, 1, 1, 1),
                    graph.Reals([.. bias, .. bias, .. bias, .. bias], 16),
                ],
                I("group", 16));
        string weights = graph.Node("DequantizeLinear",
            [
                graph.Raw(DataType.Int8, raw, 4, 16, 1, 1), graph.Real(step),
                graph.Raw(DataType.Int8, [0]),
            ]);
        string addend = form == "Conv"
            ? graph.Node("DequantizeLinear",
                [
                    graph.Raw(DataType.Int32, [300, -500, 90, 7], 4),
                    graph.Real(step * scale), graph.Raw(DataType.Int32, [0]),
                ])
            : graph.Reals(bias, 4);
        return graph.Node("Conv", [x, weights, addend]);
    }

    private static string Pair(
        GraphBuilder graph, string value, float scale, int zero, DataType type,
        bool areVectors = false)
    {
        long[] shape = areVectors ? [1] : [];
        string[] how = [graph.Reals([scale], shape), graph.Raw(type, [zero], shape)];
        return graph.Node(
            "DequantizeLinear", [graph.Node("QuantizeLinear", [value, .. how]), .. how]);
    }
}

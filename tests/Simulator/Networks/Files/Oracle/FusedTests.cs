using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Convolutions and products of matrices in float32 that more becomes part of: between quantizers
/// ONNX Runtime rounds their weights and biases then, and between numbers sums have their order.
/// QSIM_QUANTIZED_GRAPHS sets how many graphs, QSIM_ONNX_SEED the first seed.
/// </summary>
public class FusedTests
{
    [SkippableTheory]
    [InlineData("Conv", false, About.Integers)]
    [InlineData("Conv", false, About.Numbers)]
    [InlineData("Conv", false, About.Dynamic)]
    [InlineData("Conv", true, About.Integers)]
    [InlineData("line", false, About.Integers)]
    [InlineData("line", false, About.Numbers)]
    [InlineData("line", false, About.Dynamic)]
    [InlineData("MatMul", false, About.Integers)]
    [InlineData("MatMul", false, About.Numbers)]
    [InlineData("MatMul", false, About.Dynamic)]
    [InlineData("MatMul", true, About.Integers)]
    [InlineData("rows", false, About.Integers)]
    [InlineData("rows", false, About.Numbers)]
    [InlineData("rows", false, About.Dynamic)]
    [InlineData("rows", true, About.Integers)]
    [InlineData("Gemm", false, About.Integers)]
    [InlineData("Gemm", false, About.Numbers)]
    [InlineData("Gemm", false, About.Dynamic)]
    [InlineData("Gemm", true, About.Integers)]
    public void Run_RandomOperatorsBehindSums_GiveOnnxRuntimesNumbers(
        string kind, bool isMade, About about)
    {
        DynamicModel.SkipWiderBlocks();
        int graphs = OnnxRuntimeTests.Setting("QSIM_QUANTIZED_GRAPHS", 40);
        int first = OnnxRuntimeTests.Setting("QSIM_ONNX_SEED", 1);
        List<string> failed = [], refused = [];
        for (int seed = first; seed < first + graphs; seed++)
        {
            var model = new FusedModel(seed, kind, isMade, about);
            string label = $"seed {seed}: {string.Join(", ", model.Steps)}: ";
            TensorShape shape = new(model.Channels, model.Side, model.Side);
            byte[] file = model.File();
            try
            {
                DynamicGraphTests.Equal(file, shape, 3, optimizes: true);
                if (seed % 4 == 0 && model.Side > 1)
                    DynamicGraphTests.WrittenIsTheSame(file, shape, 2);
            }
            catch (NotSupportedException)
            {
                // Not every order of sums has an operator.
            }
            catch (QuantizationException e)
            {
                refused.Add(label + e.Message);
            }
            catch (Exception e) when (e.Message == "logits say little")
            {
            }
            catch (Exception e)
            {
                failed.Add(label + e.Message.ReplaceLineEndings(" "));
            }
        }

        Assert.True(
            failed.Count == 0,
            $"{failed.Count} of {graphs}, {refused.Count} refused\n"
                + string.Join('\n', [.. failed, "", .. refused]));
        Assert.True(refused.Count == 0, string.Join('\n', refused));
    }

    /// <summary>
    /// A factor of each channel that does not become part of a convolution leaves its blocks of
    /// channels as they are, and a norm behind it is one of theirs, even of part of a block.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(12)]
    public void Run_FactorsThenNorm_GiveOnnxRuntimesNumbers(int channels)
    {
        const int Depth = 4, Side = 6;
        foreach (long[] shape in new long[][] { [1, channels, 1, 1], [channels, 1, 1], [1, 1, 1] })
        {
            var random = new Random(channels);
            var graph = new GraphBuilder(15);
            string Each(params long[] shape) => graph.Reals(
                [
                    .. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b))
                        .Select(_ => random.NextSingle() + 0.3f),
                ],
                shape);
            string sums = graph.Node(
                "Conv",
                [QuantizedIslandTests.Pair(graph, "x", 1 / 100f, 0), Each(channels, Depth, 1, 1)]);
            string scaled = graph.Node("Mul", [Each(shape), graph.Node("Tanh", [sums])]);
            string norm = graph.Node(
                "BatchNormalization",
                [scaled, Each(channels), Each(channels), Each(channels), Each(channels)]);
            byte[] file = graph.Build(
                DataType.Float, [-1, Depth, Side, Side], graph.Node("Flatten", [norm]));

            DynamicGraphTests.Equal(file, new(Depth, Side, Side), 20, optimizes: true);
            DynamicGraphTests.WrittenIsTheSame(file, new(Depth, Side, Side), 5);
        }
    }

    /// <summary>Sums of integers that nothing quantizes are numbers of their scale.</summary>
    [Theory]
    [InlineData("MatMul", 1, false)]
    [InlineData("MatMul", 1, true)]
    [InlineData("MatMul", 7, false)]
    [InlineData("MatMul", 7, true)]
    [InlineData("Gemm", 7, false)]
    [InlineData("Gemm", 7, true)]
    public void Run_SumsThatNothingQuantizes_GiveOnnxRuntimesNumbers(
        string type, int scales, bool isLast)
    {
        const int Depth = 3 * 4 * 4, Outputs = 7;
        TensorShape shape = new(3, 4, 4);
        var random = new Random(scales);
        var graph = new GraphBuilder(13);
        string x = graph.Node("Flatten", [QuantizedIslandTests.Pair(graph, "x", 0.01f, 0)]);
        string weights = graph.Node(
            "DequantizeLinear",
            [
                graph.Raw(
                    DataType.Int8,
                    [.. Enumerable.Range(0, Depth * Outputs).Select(_ => random.Next(-127, 128))],
                    Depth, Outputs),
                graph.Reals(
                    [
                        .. Enumerable.Range(0, scales).Select(
                            _ => 0.001f + (random.NextSingle() / 500)),
                    ],
                    scales),
                graph.Raw(DataType.Int8, new int[scales], scales),
            ],
            I("axis", 1));
        string y = graph.Node(type, [QuantizedIslandTests.Pair(graph, x, 0.01f, 0), weights]);
        if (!isLast) y = graph.Node("Tanh", [y]);
        byte[] file = graph.Build(DataType.Float, [-1, 3, 4, 4], y);

        DynamicGraphTests.Equal(file, shape, 20, optimizes: true);
        DynamicGraphTests.WrittenIsTheSame(file, shape, 5);
        DynamicGraphTests.EveryBackendGivesTheSame(file, shape);
    }
}

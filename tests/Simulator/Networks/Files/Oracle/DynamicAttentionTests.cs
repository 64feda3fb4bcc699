using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Softmax and products of two activations between dynamic layers, themselves and behind a
/// quantizer: ONNX Runtime's float32 numbers, run and written again.
/// </summary>
public class DynamicAttentionTests
{
    private const int Channels = 8, Side = 8;

    /// <summary>Rows of 8 and 64 numbers, and of less and more than lanes have.</summary>
    [SkippableTheory]
    [InlineData(8, 8)]
    [InlineData(1, 512)]
    [InlineData(64, 8)]
    [InlineData(16, 5)]
    [InlineData(3, 27)]
    [InlineData(2, 197)]
    public void Run_Softmax_GivesOnnxRuntimesNumbers(int rows, int length)
    {
        DynamicModel.SkipWiderBlocks();
        Equal(rows * length, (g, x) => g.Node(
            "Softmax", [Shaped(g, x, rows, length)], I("axis", 2)));
    }

    /// <summary>Steep ones, whose exponentials reach the smallest.</summary>
    [SkippableTheory]
    [InlineData(30)]
    [InlineData(1000)]
    public void Run_SteepSoftmax_GivesOnnxRuntimesNumbers(float steepness)
    {
        DynamicModel.SkipWiderBlocks();
        Equal(8 * 64, (g, x) => g.Node(
            "Softmax", [g.Node("Mul", [Shaped(g, x, 8, 64), g.Real(steepness)])], I("axis", 2)));
    }

    /// <summary>Depths around the panels of 128 that ONNX Runtime cuts a matrix into.</summary>
    [Theory]
    [InlineData(2, 8, 8, 8)]
    [InlineData(3, 5, 4, 7)]
    [InlineData(1, 2, 129, 2)]
    [InlineData(1, 2, 1100, 2)]
    [InlineData(1, 3, 200, 100)]
    [InlineData(1, 2, 150, 64)]
    [InlineData(1, 2, 300, 64)]
    [InlineData(1, 2, 130, 140)]
    [InlineData(2, 1, 8, 8)]
    [InlineData(3, 1, 27, 23)]
    [InlineData(1, 1, 300, 7)]
    [InlineData(2, 8, 8, 1)]
    [InlineData(3, 7, 27, 1)]
    [InlineData(1, 5, 131, 1)]
    [InlineData(2, 1, 19, 1)]
    [InlineData(2, 6, 1, 1)]
    [InlineData(2, 1, 1, 6)]
    [InlineData(2, 1, 19, 6)]
    public void Run_MatricesOfTwoActivations_GiveOnnxRuntimesNumbers(
        int heads, int m, int k, int n)
    {
        string[] forms = ["plain", "turned", "Div", "Mul", "both", "read twice"];
        // A turned first matrix that is no column is not cut into longer panels: refused.
        if (k <= 128 || n == 1) forms = [.. forms, "turned first"];
        if (k <= 128) forms = [.. forms, "both turned"];
        // Of one head the file that is written would be another network to ONNX Runtime.
        foreach (string form in heads > 1 ? [.. forms, "of a shape"] : forms)
            Equal(heads * m * n, heads * ((m * k) + (k * n)), (g, x) =>
            {
                string left = form is "turned first" or "both turned"
                    ? g.Node(
                        "Transpose", [Part(g, x, 0, heads, k, m)], Is("perm", 0, 1, 3, 2))
                    : Part(g, x, 0, heads, m, k);
                string right = form is "turned" or "both turned"
                    ? g.Node(
                        "Transpose", [Part(g, x, heads * m * k, heads, n, k)],
                        Is("perm", 0, 1, 3, 2))
                    : Part(g, x, heads * m * k, heads, k, n);
                if (form == "both")
                {
                    left = g.Node("Mul", [left, g.Real(0.7f)]);
                    right = g.Node("Mul", [g.Real(1.3f), right]);
                }

                string product = g.Node("MatMul", [left, right]);
                return form switch
                {
                    "Div" => g.Node("Div", [product, g.Real(2.828427f)]),
                    "Mul" or "both" => g.Node("Mul", [product, g.Real(0.35f)]),
                    // Of an open batch the shape is no constant, and no factor of the sums.
                    "of a shape" => g.Node("Div", [product, g.Node(
                        "Pow",
                        [
                            g.Node(
                                "Cast",
                                [g.Node("Gather", [g.Node("Shape", [left]), g.Integers(3)])],
                                I("to", 1)),
                            g.Reals([0.5f]),
                        ])]),
                    "read twice" => g.Node(
                        "Add", [g.Node("Mul", [product, g.Real(0.35f)]), product]),
                    _ => product,
                };
            });
    }

    /// <summary>
    /// From 65,536 multiplications on ONNX Runtime cuts a column's product by its threads.
    /// </summary>
    [Fact]
    public void Run_LongColumn_IsRefusedWhereThreadsDecide()
    {
        Column(257, 255);
        var e = Assert.Throws<QuantizationException>(() => Column(256, 256));

        Assert.Contains("it computes in float32", e.Message);

        static void Column(int m, int k) => Equal(m, (m * k) + k, (g, x) => g.Node(
            "MatMul", [Part(g, x, 0, 1, m, k), Part(g, x, m * k, 1, k, 1)]));
    }

    /// <summary>As quantize_dynamic writes them with MatMulConstBOnly=False.</summary>
    [Theory]
    [InlineData(2, 8, 8, 8, "plain")]
    [InlineData(3, 5, 4, 7, "turned")]
    [InlineData(1, 2, 300, 9, "factor")]
    [InlineData(2, 1, 27, 5, "bias")]
    [InlineData(2, 6, 33, 1, "plain")]
    [InlineData(2, 7, 8, 7, "itself")]
    public void Run_MatricesOfTwoQuantizedActivations_GiveOnnxRuntimesNumbers(
        int heads, int m, int k, int n, string form)
    {
        byte[][] files = Equal(
            heads * m * n, heads * ((m * k) + (k * n)), (DynamicModel model, string x) =>
        {
            GraphBuilder g = model.Graph;
            string left = Part(g, x, 0, heads, m, k);
            string right = form is "turned" or "itself"
                ? g.Node(
                    "Transpose",
                    [form == "itself" ? left : Part(g, x, heads * m * k, heads, n, k)],
                    Is("perm", 0, 1, 3, 2))
                : Part(g, x, heads * m * k, heads, k, n);
            string product = model.Matrices(g.Node("Tanh", [left]), right);
            return form switch
            {
                "factor" => g.Node("Div", [product, g.Real(2.828427f)]),
                "bias" => g.Node(
                    "Add",
                    [product, g.Reals([.. Enumerable.Range(0, n).Select(i => i * 0.3f)], n)]),
                _ => product,
            };
        });

        DynamicGraphTests.EveryBackendGivesTheSame(files[^1], new(3, Side, Side));
    }

    private static string Shaped(GraphBuilder graph, string x, params long[] shape) =>
        graph.Node("Reshape", [x, graph.Integers([0, .. shape])]);

    private static string Part(
        GraphBuilder graph, string x, long from, long heads, long rows, long columns) => Shaped(
            graph,
            graph.Node(
                "Slice",
                [
                    x, graph.Integers(from), graph.Integers(from + (heads * rows * columns)),
                    graph.Integers(1),
                ]),
            heads, rows, columns);

    private static void Equal(int values, Func<GraphBuilder, string, string> function) =>
        Equal(values, values, function);

    private static void Equal(
        int outputs, int values, Func<GraphBuilder, string, string> function) =>
        Equal(outputs, values, (DynamicModel model, string x) => function(model.Graph, x));

    private static byte[][] Equal(
        int outputs, int values, Func<DynamicModel, string, string> function)
    {
        var files = new List<byte[]>();
        foreach (bool isLast in (bool[])[true, false])
        {
            var model = new DynamicModel(3, true);
            string x = model.Graph.Node(
                "Flatten", [model.Conv("x", 3, Channels, 3, pad: 1)]);

            // As many as are wanted, none beside another that it was beside.
            x = model.Graph.Node(
                "Gather",
                [
                    x, model.Graph.Integers([.. Enumerable.Range(0, values)
                        .Select(i => (long)(i * 37 % (Channels * Side * Side)))]),
                ],
                I("axis", 1));
            x = function(model, x);

            // Behind a softmax alone there would be logits.
            x = model.Graph.Node("Add", [model.Graph.Node("Flatten", [x]), model.Graph.Real(1)]);
            byte[] file = model.Graph.Build(
                DataType.Float, [-1, 3, Side, Side], isLast ? x : model.Dense(x, outputs, 10));
            files.Add(file);
            DynamicGraphTests.Equal(file, new(3, Side, Side), 5, optimizes: true);
            DynamicGraphTests.WrittenIsTheSame(file, new(3, Side, Side), 3);
        }

        return [.. files];
    }
}

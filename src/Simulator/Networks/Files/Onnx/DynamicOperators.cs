using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Graphs with scales that each image decides, as ONNX Runtime's quantize_dynamic writes them:
/// DynamicQuantizeLinear, ConvInteger or MatMulInteger, Cast, and a product with the scale times
/// the weights'. Together they are one layer; an addend behind it is its bias.
/// </summary>
internal static class DynamicOperators
{
    /// <summary>Integers, their scale and their zero point.</summary>
    public static void Quantize(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        int tensor = graph.Add(node, new DynamicQuantizeLayer(graph.Name(node), [value.Tensor]));
        string source = node.Outputs[0];
        graph.SetInput(Quantized(source), value with { Tensor = tensor });
        DynamicKind[] kinds = [DynamicKind.Integers, DynamicKind.Scale, DynamicKind.ZeroPoint];
        foreach ((string output, DynamicKind kind) in node.Outputs.Zip(kinds))
            Set(graph, node, output, new(kind, source));
    }

    /// <summary>
    /// Whether a node reads what depends on the scale of an image; then it is dealt with.
    /// </summary>
    public static bool Takes(OnnxGraph graph, OnnxNode node)
    {
        DynamicValue?[] read = [.. node.Inputs.Select(graph.Dynamic)];
        if (read.All(r => r is null)) return false;
        switch (node.Operator, read)
        {
            case ("ConvInteger" or "MatMulInteger",
                [{ Kind: DynamicKind.Integers } x, null, { Kind: DynamicKind.ZeroPoint } zero, ..])
                when x.Source == zero.Source:
                Set(graph, node, node.Outputs[0], new(DynamicKind.Sums, x.Source, node));
                return true;
            case ("MatMulInteger",
                [
                { Kind: DynamicKind.Integers } x, { Kind: DynamicKind.Integers } y,
                { Kind: DynamicKind.ZeroPoint } zero, { Kind: DynamicKind.ZeroPoint } other,
                ])
                when x.Source == zero.Source && y.Source == other.Source:
                Set(graph, node, node.Outputs[0], new(DynamicKind.Sums, x.Source, node)
                {
                    Other = y.Source,
                });
                return true;
            case ("Mul", [{ Kind: DynamicKind.Scale } a, { Kind: DynamicKind.Scale } b]):
                Set(graph, node, node.Outputs[0], a with
                {
                    Kind = DynamicKind.Product,
                    Other = b.Source,
                });
                return true;
            case ("Cast", [{ Kind: DynamicKind.Sums } sums])
                when node.Integer("to", 0) == (long)DataType.Float:
                Set(graph, node, node.Outputs[0], sums with { Kind = DynamicKind.RealSums });
                return true;
            case ("Mul", [{ Kind: DynamicKind.Scale } scale, null]) when graph.IsConstant(node, 1):
                Product(graph, node, scale, 1);
                return true;
            case ("Mul", [null, { Kind: DynamicKind.Scale } scale]) when graph.IsConstant(node, 0):
                Product(graph, node, scale, 0);
                return true;
            case ("Mul", [{ Kind: DynamicKind.RealSums } sums, { Kind: DynamicKind.Product } by])
                when AreAlike(sums, by):
                Layer(graph, node, sums, by.Steps);
                return true;
            case ("Mul", [{ Kind: DynamicKind.Product } by, { Kind: DynamicKind.RealSums } sums])
                when AreAlike(sums, by):
                Layer(graph, node, sums, by.Steps);
                return true;
            default:
                throw graph.Fail(
                    node, $"reads {Words(read)} (supported: ConvInteger or MatMulInteger of the "
                        + "integers and their zero point, Cast to FLOAT, a product of that with "
                        + "the scale times the weights' or the other matrix's, as ONNX Runtime's "
                        + "quantize_dynamic writes them)");
        }
    }

    /// <summary>Whether a scale is that of sums; of two, in either order.</summary>
    private static bool AreAlike(DynamicValue sums, DynamicValue scale) =>
        (sums.Source == scale.Source && sums.Other == scale.Other)
        || (sums.Source == scale.Other && sums.Other == scale.Source);

    private static void Product(OnnxGraph graph, OnnxNode node, DynamicValue scale, int constant)
    {
        OnnxTensor steps = graph.Constant(node, constant);
        if (graph.Reals(node, constant).Any(s => !float.IsNormal(s) || s < 0))
            throw graph.Fail(node, "a scale of weights is not above 0");
        Set(graph, node, node.Outputs[0], scale with
        {
            Kind = DynamicKind.Product,
            Steps = steps,
        });
    }

    /// <summary>The layer of a product's sums, under the sums' name and attributes.</summary>
    private static void Layer(OnnxGraph graph, OnnxNode node, DynamicValue sums, OnnxTensor? steps)
    {
        OnnxNode of = sums.Sums!;
        if (steps is null)
        {
            MatrixOperators.Integers(graph, of with
            {
                Inputs = [Quantized(sums.Source), Quantized(sums.Other!)],
                Outputs = [node.Outputs[0]],
            });
            return;
        }

        bool isConv = of.Operator == "ConvInteger";
        OnnxTensor weights = graph.Constant(of, 1);
        IReadOnlyList<long> raw = graph.Integers(of, 1);
        int axis = isConv ? 0 : 1;
        if (weights.Shape.Count <= axis)
            throw graph.Fail(of, $"its weights are {weights.ShapeText}");
        long channels = weights.Shape[axis];
        long[] zeros = OnnxGraph.Has(of, 3) ? [.. graph.Integers(of, 3)] : [0];
        float[] scales = steps.Reals!;
        int fromLast = isConv ? weights.Shape.Count - 2 : 0;
        bool isPerChannel = steps.Shape.Count > fromLast
            && steps.Shape[^(fromLast + 1)] == channels && scales.Length == channels;
        if ((scales.Length != 1 && !isPerChannel)
            || (zeros.Length != 1 && zeros.Length != channels))
            throw graph.Fail(
                of, $"{scales.Length} scales of shape {steps.ShapeText} and {zeros.Length} zero "
                    + $"points for weights of {weights.ShapeText}");
        long inner = OnnxTensor.CountOf([.. weights.Shape.Skip(axis + 1)]);
        float[] reals =
        [
            .. raw.Select((r, i) =>
            {
                long c = i / inner % channels;
                return (r - zeros[zeros.Length == 1 ? 0 : c])
                    * scales[scales.Length == 1 ? 0 : c];
            }),
        ];
        string name = $"{of.Outputs[0]}/weights";
        graph.Set(
            of with { Outputs = [name] },
            new OnnxTensor("", weights.Shape, reals, null)
            {
                Raw = new(
                    reals, raw, scales, zeros, axis, RawConstant.Format(weights.Type))
                {
                    IsDynamic = true,
                },
            });
        OnnxNode layer = of with
        {
            Inputs = [Quantized(sums.Source), name],
            Outputs = [node.Outputs[0]],
        };
        if (isConv) MacOperators.Conv(graph, layer);
        else MatrixOperators.MatMul(graph, layer);
    }

    private static void Set(OnnxGraph graph, OnnxNode node, string name, DynamicValue value)
    {
        if (graph.Outputs.Contains(name))
            throw graph.Fail(
                node, $"its output '{Brief.Name(name)}' is the network's, and {Words([value])} "
                    + "(supported: numbers)");
        graph.SetDynamic(name, value);
    }

    private static string Words(DynamicValue?[] read) =>
        read.OfType<DynamicValue>().First().Kind switch
        {
            DynamicKind.Integers => "the integers of a DynamicQuantizeLinear",
            DynamicKind.Scale => "the scale of a DynamicQuantizeLinear",
            DynamicKind.ZeroPoint => "the zero point of a DynamicQuantizeLinear",
            DynamicKind.Product => "the scale of a DynamicQuantizeLinear times another",
            DynamicKind.Sums or DynamicKind.RealSums => "sums without their scale",
        };

    /// <summary>The name of the quantized value, which no file can have.</summary>
    private static string Quantized(string source) => $"{source}/\0";
}

using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>
/// Constants that meet what depends on the image, and tensors with the other sign.
/// </summary>
internal static class TfliteConstants
{
    /// <summary>DEQUANTIZE: of a constant, too, as weights of 16 or 8 bits are written.</summary>
    public static void Dequantize(TfliteGraph graph, TfliteOperator node)
    {
        if (!node.Has(0) || !graph.Operand(node, 0).IsConstant)
        {
            graph.Set(node.Outputs[0], graph.Value(node, 0));
            return;
        }

        TfliteTensor constant = graph.Constant(node, 0);
        if (!graph.Tensor(node.Outputs[0]).Shape.AsSpan().SequenceEqual(constant.Shape))
            throw graph.Fail(node, "changes the extents of a constant");
        graph.SetConstant(node.Outputs[0], Reals(graph, node, constant));
    }

    /// <summary>The numbers that a constant stands for.</summary>
    /// <exception cref="InputException">It stands for none.</exception>
    public static float[] Reals(TfliteGraph graph, TfliteOperator node, TfliteTensor constant)
    {
        if (constant.Type is TfliteType.Float32 or TfliteType.Float16) return constant.Reals();
        int steps = constant.Scales.Length;
        if (constant.Format is null || steps == 0)
            throw graph.Fail(node, $"its constant is {constant.Type}, without a scale");
        int axis = constant.Axis;
        if (steps > 1 && (axis < 0 || axis >= constant.Shape.Length
            || constant.Shape[axis] != steps))
            throw graph.Fail(node, $"its constant's {steps} scales are along no axis of it");
        int inner = steps == 1 ? 1 : constant.Shape.Skip(axis + 1).Aggregate(1, (n, e) => n * e);
        return
        [
            .. constant.Integers().Select((raw, i) =>
            {
                int at = i / inner % steps;
                return (raw - constant.ZeroPoints[at]) * constant.Scales[at];
            }),
        ];
    }

    /// <summary>The image's value and the constant where a node joins it with float32.</summary>
    public static (TfliteValue Value, TfliteTensor Constant)? OfReals(
        TfliteGraph graph, TfliteOperator node)
    {
        if (node.Inputs.Length != 2 || !node.Has(0) || !node.Has(1)) return null;
        int constant = graph.Find(node.Inputs[0]) is null ? 0 : 1;
        return graph.Find(node.Inputs[constant]) is null
            && graph.Find(node.Inputs[1 - constant]) is { } value
            && graph.Operand(node, constant) is { IsConstant: true, Type: TfliteType.Float32 }
                ? (value, graph.Constant(node, constant))
                : null;
    }

    /// <summary>A factor and an addend from a constant: per channel, or per value.</summary>
    /// <returns>A tensor with the extents of the node's output.</returns>
    public static int Affine(
        TfliteGraph graph, TfliteOperator node, TfliteValue value, TfliteTensor constant,
        Func<float, float> scale, Func<float, float> shift)
    {
        int[] to = graph.Extents(node, node.Outputs[0]);
        int made = TfliteMoves.Broadcast(graph, node, value, to);
        float[] each = Expanded(graph, node, constant, to);
        TensorShape shape = TfliteGraph.Shaped(to);
        bool isPerChannel =
            Enumerable.Range(0, each.Length).All(i => each[i] == each[i % shape.Channels]);
        string name = TfliteOperators.LayerName(node);
        if (isPerChannel) each = each[..shape.Channels];
        else made = graph.Emit(RearrangeLayer.ChannelsLast($"{name}/flat", [made], shape));
        made = graph.Emit(new BatchNormLayer(
            name, [made], [.. each.Select(scale)], [.. each.Select(shift)]));
        return isPerChannel ? made : TfliteMoves.Unflattened(graph, name, made, to);
    }

    /// <summary>An operand of a unit of two tensors.</summary>
    /// <param name="graph">Where it goes.</param>
    /// <param name="node">The operator, of two inputs.</param>
    /// <param name="input">Which of them.</param>
    /// <param name="isNegative">Whether to change its sign.</param>
    public static TfliteValue Operand(
        TfliteGraph graph, TfliteOperator node, int input, bool isNegative)
    {
        if (node.Has(input) && graph.Find(node.Inputs[input]) is { } value)
            return isNegative ? Negative(graph, node, value, input) : value;
        TfliteTensor constant = graph.Constant(node, input);
        if (graph.Quantizer(node, node.Inputs[input]) is not { } own)
            throw graph.Fail(node, $"its input {input} does not depend on the image");
        (int other, string name) = (1 - input, $"{TfliteOperators.LayerName(node)}/constant");
        TfliteValue like = graph.Value(node, other);
        if (graph.Quantizer(node, node.Inputs[other]) is not { } from)
            throw graph.Fail(node, "joins float32 with integers");
        int sign = isNegative ? -1 : 1;
        long[] raw = [.. constant.Integers().Select(r => sign * (r - own.Scale.ZeroPoint))];
        int one = graph.Emit(new RearrangeLayer($"{name}/one", [like.Index], new(1), [0]));
        float step = (float)own.Scale.Step / (float)from.Scale.Step;
        if (!float.IsNormal(step))
            throw graph.Fail(node, "joins scales that are too far apart for float32");
        float[] weights = new float[raw.Length];
        // Weights of 0, and biases in the constant's own steps.
        int made = graph.Emit(new DenseLayer(
            name, [one], raw.Length, weights, [.. raw.Select(r => r * (float)own.Scale.Step)])
        {
            Own = new(
                weights, [.. new int[raw.Length]], [.. Enumerable.Repeat(step, raw.Length)], 1,
                false, [.. raw]),
        });
        made = graph.Emit(new FakeQuantizeLayer(
            $"{name}/quantized", [made], isNegative ? Negative(own) : own));
        int[] extents = Extents(
            graph, node, constant, graph.Extents(node, node.Outputs[0]).Length);
        return new(TfliteMoves.Unflattened(graph, name, made, extents), extents);
    }

    /// <summary>The same values with the other sign: each integer's complement.</summary>
    private static TfliteValue Negative(
        TfliteGraph graph, TfliteOperator node, TfliteValue value, int input)
    {
        string name = $"{TfliteOperators.LayerName(node)}/negative";
        int channels = graph.Shape(value).Channels;
        if (graph.Quantizer(node, node.Inputs[input]) is not { } own)
        {
            float[] turned = [.. Enumerable.Repeat(-1f, channels)];
            return value with
            {
                Index = graph.Emit(new BatchNormLayer(
                    name, [value.Index], turned, new float[channels])),
            };
        }

        float[] weights = [.. Enumerable.Repeat(-1f, channels)];
        int made = graph.Emit(new Conv2dLayer(
            name, [value.Index], channels, new(1, 1, 1, 1) { Groups = channels }, weights,
            new float[channels])
        {
            Own = new(
                weights, [.. Enumerable.Repeat(-1, channels)],
                [.. Enumerable.Repeat(1f, channels)], 8, true, [.. new long[channels]]),
        });
        return value with
        {
            Index = graph.Emit(new FakeQuantizeLayer($"{name}/output", [made], Negative(own))),
        };
    }

    /// <summary>The format in which a complement of a raw value is its negative.</summary>
    private static FakeQuantizer Negative(FakeQuantizer own) => own with
    {
        Scale = own.Scale with
        {
            ZeroPoint = (int)(own.Target.Min + own.Target.Max) - own.Scale.ZeroPoint,
        },
    };

    /// <summary>A constant's numbers at a value's extents, channels last.</summary>
    private static float[] Expanded(
        TfliteGraph graph, TfliteOperator node, TfliteTensor constant, int[] to)
    {
        int[] from = Extents(graph, node, constant, to.Length);
        from = [.. Enumerable.Repeat(1, Math.Max(to.Length - from.Length, 0)), .. from];
        if (from.Length != to.Length || from.Where((e, d) => e != to[d] && e != 1).Any())
            throw graph.Fail(
                node, $"a constant of [{string.Join(", ", constant.Shape)}] does not meet "
                    + $"[1, {string.Join(", ", to)}]");
        float[] reals = constant.Reals();
        return
        [
            .. Enumerable.Range(0, TfliteGraph.Shaped(to).Length).Select(i => reals[TfliteMoves
                .Flat(from, TfliteMoves.Place(to, i).Select((p, d) => from[d] == 1 ? 0 : p))]),
        ];
    }

    /// <summary>
    /// A constant's extents without ones in front of as many as it meets; one number has one
    /// channel.
    /// </summary>
    private static int[] Extents(
        TfliteGraph graph, TfliteOperator node, TfliteTensor constant, int most)
    {
        int[] extents = constant.Shape;
        while (extents.Length > most && extents[0] == 1) extents = extents[1..];
        if (extents is []) return [1];
        return extents.Length <= most && extents.All(e => e > 0)
            ? extents
            : throw graph.Fail(
                node, $"its constant is [{string.Join(", ", constant.Shape)}] (supported: one "
                    + "number, or [1, rows, columns, channels], or less)");
    }
}

using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>Convolutions and dense layers, real or with their integers.</summary>
internal static class TfliteMac
{
    private const int Same = 0;

    /// <summary>CONV_2D; with fewer channels a filter than the image has, groups.</summary>
    public static void Convolution(TfliteGraph graph, TfliteOperator node)
    {
        TfliteTensor filter = graph.Constant(node, 1);
        TensorShape shape = graph.Shape(graph.Value(node, 0));
        if (filter.Shape is not [int outputs, int rows, int columns, int depth]
            || depth == 0 || shape.Channels % depth != 0)
            throw graph.Fail(node, "its filters do not fit its input");
        WindowGeometry window = Window(
            shape, rows, columns, node.Option(0, 1), (node.Option(2), node.Option(1)),
            (node.Option(5, 4, 1), node.Option(4, 4, 1))) with
        {
            Groups = shape.Channels / depth,
        };
        Add(graph, node, filter, window, (outputs, 0), node.Option(3, 1), (o, d) =>
            (((o * rows * columns) + (d % (rows * columns))) * depth) + (d / (rows * columns)));
    }

    /// <summary>DEPTHWISE_CONV_2D: one filter or more for each channel.</summary>
    public static void Depthwise(TfliteGraph graph, TfliteOperator node)
    {
        TfliteTensor filter = graph.Constant(node, 1);
        TensorShape shape = graph.Shape(graph.Value(node, 0));
        if (filter.Shape is not [1, int rows, int columns, int outputs]
            || outputs % shape.Channels != 0)
            throw graph.Fail(node, "its filters do not fit its input");
        WindowGeometry window = Window(
            shape, rows, columns, node.Option(0, 1), (node.Option(2), node.Option(1)),
            (node.Option(6, 4, 1), node.Option(5, 4, 1))) with
        {
            Groups = shape.Channels,
        };
        Add(
            graph, node, filter, window, (outputs, 3), node.Option(4, 1),
            (o, d) => (d * outputs) + o);
    }

    /// <summary>FULLY_CONNECTED of all values of an image, channels last.</summary>
    public static void Dense(TfliteGraph graph, TfliteOperator node)
    {
        TfliteTensor filter = graph.Constant(node, 1);
        TfliteValue value = graph.Value(node, 0);
        if (filter.Shape is not [int outputs, int depth] || depth != graph.Shape(value).Length)
            throw graph.Fail(node, "its weights do not fit its input");
        if (node.Option(1, 1) != 0)
            throw graph.Fail(node, "its weights are shuffled (supported: the plain format)");
        if (graph.Shape(value).Positions > 1)
        {
            int flat = graph.Emit(RearrangeLayer.ChannelsLast(
                $"{TfliteOperators.LayerName(node)}/flat", [value.Index], graph.Shape(value)));
            graph.Set(node.Inputs[0], new(flat, [depth]));
        }

        Add(
            graph, node, filter, null, (outputs, 0), node.Option(0, 1),
            (o, d) => (o * depth) + d);
    }

    /// <summary>A window with the padding that TensorFlow calls SAME, or none.</summary>
    public static WindowGeometry Window(
        TensorShape input, int rows, int columns, int padding, (int Rows, int Columns) stride,
        (int Rows, int Columns) dilation)
    {
        (int top, int bottom) = Pads(input.Rows, rows, stride.Rows, dilation.Rows);
        (int left, int right) = Pads(input.Columns, columns, stride.Columns, dilation.Columns);
        return new(
            rows, columns, stride.Rows, stride.Columns, top, left, bottom, right, dilation.Rows,
            dilation.Columns);

        (int, int) Pads(int extent, int kernel, int step, int apart)
        {
            if (padding != Same || step < 1) return (0, 0);
            long outputs = ((long)extent + step - 1) / step;
            long span = ((long)apart * (kernel - 1)) + 1;
            int all = (int)Math.Clamp(((outputs - 1) * step) + span - extent, 0, Sizes.MostExtent);
            return (all / 2, all - (all / 2));
        }
    }

    /// <param name="graph">Where it goes.</param>
    /// <param name="node">The operator.</param>
    /// <param name="filter">Its weights.</param>
    /// <param name="window">Its window; null of a dense layer.</param>
    /// <param name="channels">Output channels, and the filter's axis of them.</param>
    /// <param name="activation">The activation that is fused.</param>
    /// <param name="from">
    /// Place in the filter of a channel's weight, channel, row and column in one number.
    /// </param>
    private static void Add(
        TfliteGraph graph, TfliteOperator node, TfliteTensor filter, WindowGeometry? window,
        (int Outputs, int Axis) channels, int activation, Func<int, int, int> from)
    {
        (int outputs, int axis) = channels;
        TfliteValue value = graph.Value(node, 0);
        int depth = filter.Data.Length / filter.ElementBytes / Math.Max(outputs, 1);
        // Integers that meet float32 stand for numbers: the model quantizes its weights alone.
        bool isReal = graph.Quantizer(node, node.Inputs[0]) is null;
        (float[] real, float[] bias, OwnWeights? own) = isReal
            ? (
                Reordered(TfliteConstants.Reals(graph, node, filter), outputs, depth, from),
                RealBias(graph, node, outputs), null)
            : Own(graph, node, filter, (outputs, depth, axis), from);
        string name = TfliteOperators.LayerName(node);
        graph.Finish(
            node,
            graph.Emit(window is { } w
                ? new Conv2dLayer(name, [value.Index], outputs, w, real, bias) { Own = own }
                : new DenseLayer(name, [value.Index], outputs, real, bias) { Own = own }),
            activation);
    }

    private static (float[] Real, float[] Bias, OwnWeights Own) Own(
        TfliteGraph graph, TfliteOperator node, TfliteTensor filter,
        (int Outputs, int Depth, int Axis) size, Func<int, int, int> from)
    {
        (int outputs, int depth, int axis) = size;
        if (filter.Format is not var (bits, isSigned) || filter.Scales.Length == 0
            || (filter.Scales.Length > 1
                && (filter.Scales.Length != outputs || filter.Axis != axis)))
            throw graph.Fail(
                node, $"its weights are {filter.Type} with {filter.Scales.Length} scales "
                    + "(supported: int8, uint8 or int16 with one, or one per output channel)");
        ExactRange range = ExactRange.Of(new FixedFormat(bits, 0, isSigned));
        foreach (long zero in filter.ZeroPoints)
            if (zero < range.Low || zero > range.High)
                throw graph.Fail(
                    node, $"its weights have zero point {zero}, outside of {filter.Type} "
                        + $"({range.Low}..{range.High})");
        if (graph.Quantizer(node, node.Inputs[0]) is not { } input)
            throw graph.Fail(node, "its weights are quantized, and its input is not");
        float[] scales = [.. Enumerable.Range(0, outputs).Select(c => filter.Scales[
            filter.Scales.Length == 1 ? 0 : c])];
        long[] zeros = [.. Enumerable.Range(0, outputs).Select(c => filter.ZeroPoints[
            filter.Scales.Length == 1 ? 0 : c])];
        long[] raw = Reordered(filter.Integers(), outputs, depth, from);
        for (int i = 0; i < raw.Length; i++) raw[i] -= zeros[i / depth];
        float[] real = [.. raw.Select((r, i) => r * scales[i / depth])];
        long[] biases = new long[outputs];
        if (node.Has(2))
        {
            TfliteTensor tensor = graph.Constant(node, 2);
            if (tensor.Type is not (TfliteType.Int32 or TfliteType.Int64)
                || tensor.Integers() is not { } found || found.Length != outputs
                || tensor.ZeroPoints.Any(z => z != 0))
                throw graph.Fail(node, $"its biases are not {outputs} of int32 or int64");
            biases = found;
        }

        // Its kernels multiply the scales in float32 where one multiplier serves all channels.
        bool isFloatProduct = filter.Scales.Length == 1
            && (filter.Shape.Length == 2 || filter.Type == TfliteType.Uint8);
        bool moves = zeros.Any(z => z != 0);
        return (
            real, [.. biases.Select((b, c) => (float)(b * input.Scale.Step * scales[c]))],
            new(
                real, [.. raw.Select(r => (int)r)], [.. scales], moves ? bits + 1 : bits,
                isSigned || moves, [.. biases])
            {
                IsTflite = true,
                Order = isFloatProduct ? ScaleOrder.Product : ScaleOrder.Double,
            });
    }

    private static float[] RealBias(TfliteGraph graph, TfliteOperator node, int outputs)
    {
        if (!node.Has(2)) return new float[outputs];
        TfliteTensor bias = graph.Constant(node, 2);
        return bias.Type == TfliteType.Float32 && bias.Reals() is { } reals
            && reals.Length == outputs
                ? reals
                : throw graph.Fail(node, $"its biases are not {outputs} of float32");
    }

    private static T[] Reordered<T>(
        T[] values, int outputs, int depth, Func<int, int, int> from)
    {
        var moved = new T[values.Length];
        for (int o = 0; o < outputs; o++)
            for (int d = 0; d < depth; d++) moved[(o * depth) + d] = values[from(o, d)];
        return moved;
    }
}

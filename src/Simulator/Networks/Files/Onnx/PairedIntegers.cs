using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// What PyTorch's exporter leaves between QuantizeLinear and DequantizeLinear: a Clip to a range
/// that ONNX has no type for (7 bits of its observers with reduce_range), and a Cast to the type
/// that is there already. Pixels are cut off so ahead of the pair, as this exporter writes them.
/// </summary>
internal static class PairedIntegers
{
    /// <summary>
    /// The quantizer with the range that Clips leave of its integers, where all that reads them is
    /// a Clip to the same bounds.
    /// </summary>
    public static FakeQuantizer Narrowed(OnnxGraph graph, OnnxNode node, FakeQuantizer quantizer)
    {
        OnnxNode[] readers =
            [.. graph.ReadersOf(node.Outputs[0]).Distinct()];
        if (graph.Output == node.Outputs[0] || readers.Length == 0
            || readers.Any(r => r.Operator != "Clip" || r.Inputs[0] != node.Outputs[0]))
            return quantizer;
        (long Low, long High)[] bounds =
            [.. readers.Select(r => Bounds(graph, r, quantizer)).Distinct()];
        return bounds is [var only] ? Within(quantizer, only) ?? quantizer : quantizer;
    }

    /// <summary>
    /// Pixels that a Clip cuts off where a number of bits ends: the quantizer of those bits
    /// saturates there itself, and reads them without the Clip.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="value">What is quantized.</param>
    /// <param name="quantizer">As ONNX's type has it; replaced.</param>
    public static OnnxValue OfPixels(
        OnnxGraph graph, OnnxValue value, ref FakeQuantizer quantizer)
    {
        if (value.Tensor == 0
            || graph.Layers[value.Tensor - 1] is not PointLayer
            {
                Function: PointFunction.Clip, Inputs: [var pixels],
            } clip
            || !AreOfImage(graph, pixels)
            || Within(quantizer, (Raw(quantizer, clip.A), Raw(quantizer, clip.B)))
                is not { } narrow)
            return value;
        quantizer = narrow;
        return value with { Tensor = pixels };
    }

    /// <summary>Whether nothing is quantized between the image and a tensor.</summary>
    private static bool AreOfImage(OnnxGraph graph, int tensor)
    {
        for (; tensor > 0; tensor = graph.Layers[tensor - 1].Inputs[0])
            if (graph.Layers[tensor - 1] is FakeQuantizeLayer or { Inputs.Length: not 1 })
                return false;
        return true;
    }

    /// <summary>
    /// The raw value where a Clip ends: what it leaves of larger ones becomes that, too.
    /// </summary>
    private static long Raw(FakeQuantizer quantizer, double bound) => (long)Math.Clamp(
        MathF.Round((float)bound / (float)quantizer.Scale.Step) + quantizer.Scale.ZeroPoint,
        quantizer.Target.Min, quantizer.Target.Max);

    /// <summary>Whether a node leaves integers what they are; then it is dealt with.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">What reads raw values.</param>
    /// <param name="raw">What they mean.</param>
    public static bool Takes(OnnxGraph graph, OnnxNode node, FakeQuantizer raw)
    {
        switch (node.Operator)
        {
            // Bounds were attributes when no integers could be clipped.
            case "Clip" when node.Attributes.Count > 0:
                return false;
            case "Cast":
                DataType to = graph.Type(node, "to");
                if (RawConstant.Format(to) is not var (bits, isSigned)
                    || RawConstant.Quantizer(1, 0, bits, isSigned).Target != raw.Target)
                    return false;
                break;
            case "Clip":
                (long low, long high) = Bounds(graph, node, raw);
                if (low <= raw.Target.Min && high >= raw.Target.Max) break;
                OnnxNode? maker = graph.MakerOf(node.Inputs[0]);
                if (maker is { Operator: "QuantizeLinear" or "com.microsoft.QuantizeLinear" }
                    && Narrowed(graph, maker, raw) != raw) break;
                Cut(graph, node, raw, Math.Min(low, high), high);
                graph.SetRaw(node.Outputs[0], raw);
                return true;
            default:
                return false;
        }

        graph.Set(node, graph.Value(node, 0));
        graph.SetRaw(node.Outputs[0], raw);
        return true;
    }

    /// <summary>Cuts integers off where no format of fewer bits does.</summary>
    private static void Cut(
        OnnxGraph graph, OnnxNode node, FakeQuantizer raw, long low, long high)
    {
        OnnxValue value = graph.Value(node, 0);
        float step = (float)raw.Scale.Step;
        graph.Add(
            node,
            new PointLayer(
                graph.Name(node), [value.Tensor], PointFunction.Clip,
                low <= raw.Target.Min
                    ? double.NegativeInfinity
                    : (low - raw.Scale.ZeroPoint) * step,
                high >= raw.Target.Max
                    ? double.PositiveInfinity
                    : (high - raw.Scale.ZeroPoint) * step),
            value.Extents);
    }

    private static (long Low, long High) Bounds(
        OnnxGraph graph, OnnxNode node, FakeQuantizer raw) =>
        (Bound(graph, node, 1, raw.Target.Min), Bound(graph, node, 2, raw.Target.Max));

    private static long Bound(OnnxGraph graph, OnnxNode node, int index, long none) =>
        !OnnxGraph.Has(node, index) ? none
        : graph.Integers(node, index) is [var bound] ? bound
        : throw graph.Fail(node, "has a bound per element (supported: one number)");

    /// <summary>
    /// The quantizer of fewer bits; null where no number of bits has these ends, or 0 is beyond
    /// them.
    /// </summary>
    private static FakeQuantizer? Within(FakeQuantizer quantizer, (long Low, long High) ends)
    {
        if (quantizer.Scale.ZeroPoint < ends.Low || quantizer.Scale.ZeroPoint > ends.High)
            return null;
        for (int bits = 1; bits <= 16; bits++)
            foreach ((bool isSigned, bool isNarrow) in
                (ReadOnlySpan<(bool, bool)>)[(false, false), (true, false), (true, true)])
            {
                var format = new ValueFormat
                {
                    Bits = bits,
                    Signedness = isSigned ? Signedness.Signed : Signedness.Unsigned,
                    NarrowRange = isNarrow,
                };
                FakeQuantizer narrow = quantizer with
                {
                    Target = RealConversion.Target(format, isSigned),
                };
                if (narrow.Target.Min == ends.Low && narrow.Target.Max == ends.High)
                    return narrow;
            }

        return null;
    }
}

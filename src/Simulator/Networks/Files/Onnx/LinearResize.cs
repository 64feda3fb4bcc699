using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Images larger by whole numbers, bilinear, as what hardware runs: zeros between the values, whose
/// edges are repeated, then a convolution of each channel by itself with a triangle.
/// </summary>
internal static class LinearResize
{
    private const double MostScale = ResizeScale.Most;

    /// <summary>Adds it.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="value">What it resizes.</param>
    /// <param name="axes">Of each axis, by how much, and what it gets.</param>
    /// <param name="coordinates">Which old position a new one has.</param>
    public static void Add(
        OnnxGraph graph, OnnxNode node, OnnxValue value, (double Scale, long To)[] axes,
        string coordinates)
    {
        if (coordinates is not ("half_pixel" or "pytorch_half_pixel" or "asymmetric"))
            throw graph.Fail(
                node, $"coordinate_transformation_mode '{Brief.Name(coordinates)}' with mode linear"
                    + " (supported: half_pixel, pytorch_half_pixel, asymmetric)");
        ResizePlace place = coordinates == "asymmetric"
            ? ResizePlace.Asymmetric
            : ResizePlace.HalfPixel;
        Axis[] all = [.. axes.Zip(value.Extents, (a, from) => Of(graph, node, a, from, place))];
        if (value.Rank is not (3 or 4) || all.Take(2).Any(a => a.Scale > 1))
            throw graph.Fail(node, "resizes other axes than rows and columns by mode linear");
        Axis rows = value.Rank == 4 ? all[2] : new(1, 1, 0), columns = all[^1];
        FakeQuantizer? raw = graph.Raw(node.Inputs[0]);
        if (rows.Scale * columns.Scale == 1)
        {
            graph.Set(node, value);
            return;
        }

        if (raw is not null && WhyNot(graph, node, rows.Scale) is { } why)
            throw graph.Fail(
                node, $"resizes integers by mode linear {why} (supported: behind a QLinearConv, or "
                    + "between DequantizeLinear and QuantizeLinear)");

        long[] spread =
        [
            .. value.Extents.Zip(all, (extent, axis) => (extent * axis.Scale) + axis.Taps - 1),
        ];
        OnnxValue values = graph.Rearranged(
            node, value, spread, Positions.Sources(graph, node, value.Extents, spread, p =>
            {
                for (int a = 2; a < p.Length; a++)
                {
                    long at = p[a] - all[a].Reach;
                    if (at % all[a].Scale != 0) return null;
                    p[a] = Math.Clamp(at / all[a].Scale, 0, value.Extents[a] - 1);
                }

                return p;
            }));
        int channels = (int)value.Extents[1];
        float[] plane =
        [
            .. from r in Enumerable.Range(0, rows.Taps)
               from c in Enumerable.Range(0, columns.Taps)
               select (float)(rows.Weight(r, place) * columns.Weight(c, place)),
        ];
        float[] weights = [.. Enumerable.Range(0, channels).SelectMany(_ => plane)];
        string name = $"{node.Outputs[0]}/triangle";
        graph.Set(
            node with { Outputs = [name] },
            new OnnxTensor("", [channels, 1, rows.Taps, columns.Taps], weights, null));
        MacOperators.Add(
            graph, node with { Inputs = [node.Inputs[0], name] }, values, channels,
            new(rows.Taps, columns.Taps, Groups: channels), weights,
            (
                _ => Own(weights, channels, 4 * rows.Scale * columns.Scale), null,
                value.Rank == 4
                    ? new(
                        weights, new(rows.Scale, columns.Scale, place),
                        SumOrders.OfResize(graph, node), raw is not null)
                    : null));
        if (raw is not null) Requantized(graph, node, raw);
    }

    /// <summary>
    /// Why ONNX Runtime's own kernel of integers would not be the one that is known, which takes
    /// channels innermost: it moves there what a QLinearConv makes, and what is made of that by
    /// MaxPool or Resize.
    /// </summary>
    private static string? WhyNot(OnnxGraph graph, OnnxNode node, int rows)
    {
        if (rows == 1) return "to as many rows";
        string input = node.Inputs[0];
        while (graph.MakerOf(input) is { } maker)
        {
            if (maker.Operator == "QLinearConv")
                return graph.Extents(input) is { Count: 4 } ? null : "of another rank";
            if (maker.Operator is not ("MaxPool" or "Resize")) break;
            input = maker.Inputs[0];
        }

        return "behind another operator";
    }

    /// <summary>Back to integers of the type that they had.</summary>
    private static void Requantized(OnnxGraph graph, OnnxNode node, FakeQuantizer raw)
    {
        OnnxValue sums = graph.Value(node with { Inputs = [node.Outputs[0]] }, 0);
        graph.Add(
            node, new FakeQuantizeLayer(graph.Name(node), [sums.Tensor], raw), sums.Extents);
    }

    /// <summary>
    /// Weights are whole numbers of a part of which there are 2 x 2 for each new position: of a
    /// quantized graph, too, exact ones.
    /// </summary>
    private static OwnWeights Own(float[] weights, int channels, int parts) => new(
        weights, [.. weights.Select(w => (int)Math.Round((double)w * parts))],
        [.. Enumerable.Repeat(1f / parts, channels)], 32 - int.LeadingZeroCount(parts), false,
        [.. new long[channels]]);

    private static Axis Of(
        OnnxGraph graph, OnnxNode node, (double Scale, long To) axis, long from, ResizePlace place)
    {
        if (axis.Scale == 1 && axis.To == from) return new(1, 1, 0);
        if (axis.Scale != Math.Floor(axis.Scale) || axis.Scale is < 1 or > MostScale
            || axis.To != from * (long)axis.Scale)
            throw graph.Fail(
                node, FormattableString.Invariant(
                    $"resizes {from} to {axis.To} by mode linear (supported: by whole numbers, ")
                    + FormattableString.Invariant($"1..{MostScale})"));
        int scale = (int)axis.Scale;

        // |d - middle| < scale, d whole: the taps of a triangle that is two scales wide.
        int taps = place == ResizePlace.HalfPixel && scale % 2 == 0
            ? 2 * scale
            : (2 * scale) - 1;
        return new(scale, taps, Resizing.Reach(scale, place));
    }

    /// <summary>An axis.</summary>
    /// <param name="Scale">How many new values there are for an old one.</param>
    /// <param name="Taps">Of the convolution.</param>
    /// <param name="Reach">New positions by which an old value reaches forward.</param>
    private readonly record struct Axis(int Scale, int Taps, int Reach)
    {
        public double Weight(int tap, ResizePlace place)
        {
            double middle = place == ResizePlace.HalfPixel ? (Scale - 1) / 2.0 : 0;
            return 1 - (Math.Abs(Reach - tap - middle) / Scale);
        }
    }
}

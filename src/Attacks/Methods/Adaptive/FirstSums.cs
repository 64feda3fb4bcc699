using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary>
/// A program cut behind its first layer of sums: that layer's sums for one image, which a changed
/// pixel changes in a few places, and the rest of the program, which runs on what they become.
/// </summary>
internal sealed class FirstSums
{
    private readonly MacLayer _layer;
    private readonly AccumulationLaw[] _laws;
    private readonly (int Element, int Weight)[][] _touches;

    private FirstSums(MacLayer layer, QuantizedProgram rest, AccumulationLaw[] laws)
    {
        (_layer, Rest, _laws) = (layer, rest, laws);
        _touches = Touches(layer);
    }

    /// <summary>What reads the layer's outputs.</summary>
    public QuantizedProgram Rest { get; }

    /// <summary>Number of sums.</summary>
    public int Count => _layer.Output.Shape.Length;

    /// <summary>
    /// Cuts a program. Null where the first sums depend on the order of their products, something
    /// else reads the input too, or rounding is by a counter.
    /// </summary>
    public static FirstSums? Of(QuantizedProgram program)
    {
        int first = 0;
        while (first < program.Layers.Length && program.Layers[first] is ReshapeLayer) first++;
        if (first >= program.Layers.Length - 1 || program.Layers[first] is not MacLayer layer)
            return null;
        if (layer.Inputs is not [var input] || input != first) return null;
        MacSpec mac = layer.Mac;
        ImmutableArray<AccumulatorLaw> laws = layer.Facts.Laws;
        if (mac.ProductStage != ProductStage.Exact
            || (mac.PartialAlign | mac.AccumulatorAlign | mac.Update.Shift) != 0
            || laws.Any(l => l.RoundsTerms
                || l.Law is not (AccumulationLaw.Exact or AccumulationLaw.Modular)))
            return null;
        var rest = ImmutableArray.CreateBuilder<ProgramLayer>();
        foreach (ProgramLayer after in program.Layers.Skip(first + 1))
        {
            if (after.Inputs.Any(t => t <= first)) return null;
            rest.Add(after with { Inputs = [.. after.Inputs.Select(t => t - first - 1)] });
        }

        InputStage stage = new(
            layer.Output, RoundingMode.NearestTiesToEven, OverflowMode.Saturate);
        return new(
            layer, new(program.Name, stage, rest.ToImmutable(), program.Seed),
            [.. laws.Select(l => l.Law)]);
    }

    /// <summary>The sums of an image, bias included, not wrapped.</summary>
    public long[] Sums(ReadOnlySpan<long> raw)
    {
        long[] sums = new long[Count];
        int positions = _layer.Output.Shape.Positions;
        for (int e = 0; e < sums.Length; e++) sums[e] = _layer.Bias[e / positions];

        // Padding contributes the zero point: as if every pixel were it, and then moved from there.
        long zero = _layer.Input.ZeroPoint - _layer.Mac.InputOffset;
        if (zero != 0)
        {
            for (int e = 0; e < sums.Length; e++)
            {
                int channel = e / positions;
                foreach (int w in _layer.Weights.AsSpan(channel * _layer.Depth, _layer.Depth))
                    sums[e] += w * zero;
            }
        }

        for (int p = 0; p < raw.Length; p++) Move(sums, p, raw[p] - _layer.Input.ZeroPoint);
        return sums;
    }

    /// <summary>Adds what a change of one raw pixel makes of the sums.</summary>
    public void Move(long[] sums, int pixel, long change)
    {
        if (change == 0) return;
        foreach ((int element, int weight) in _touches[pixel])
            sums[element] += change * _layer.Weights[weight];
    }

    /// <summary>What the layer writes for all sums.</summary>
    public void Outputs(long[] sums, Span<long> outputs)
    {
        for (int e = 0; e < outputs.Length; e++) outputs[e] = Output(e, sums[e]);
    }

    /// <summary>
    /// What it writes after one raw pixel changed, the sums themselves left as they are.
    /// </summary>
    /// <param name="sums">The sums before.</param>
    /// <param name="pixel">The pixel.</param>
    /// <param name="change">Its change.</param>
    /// <param name="outputs">
    /// What the layer wrote before, or what earlier calls made of it for other pixels that touch
    /// no sum in common.
    /// </param>
    public void Peek(long[] sums, int pixel, long change, Span<long> outputs)
    {
        foreach ((int element, int weight) in _touches[pixel])
            outputs[element] = Output(
                element, sums[element] + (change * _layer.Weights[weight]));
    }

    private long Output(int element, long sum)
    {
        int channel = element / _layer.Output.Shape.Positions;
        var events = ConversionEvents.None;
        long accumulator = _laws[channel] == AccumulationLaw.Exact
            ? sum
            : Conversion.Convert(sum, _layer.Mac.Update, ref events);
        return Requantizer.Requantize(
            accumulator, _layer.Requantization[channel], ref events);
    }

    /// <summary>By input element: the sums that it enters, and with which weight.</summary>
    private static (int Element, int Weight)[][] Touches(MacLayer layer)
    {
        TensorShape input = layer.Input.Shape, output = layer.Output.Shape;
        WindowGeometry g = layer.Geometry;
        var touches = new List<(int, int)>[input.Length];
        for (int i = 0; i < touches.Length; i++) touches[i] = [];
        int perGroup = input.Channels / g.Groups, outputs = output.Channels / g.Groups;
        for (int o = 0; o < output.Channels; o++)
            for (int position = 0; position < output.Positions; position++)
                for (int k = 0; k < layer.Depth; k++)
                {
                    int column = k % g.KernelColumns, row = k / g.KernelColumns % g.KernelRows;
                    int channel = (o / outputs * perGroup) + (k / (g.KernelColumns * g.KernelRows));
                    int y = g.InputRow(position / output.Columns, row),
                        x = g.InputColumn(position % output.Columns, column);
                    if (y < 0 || x < 0 || y >= input.Rows || x >= input.Columns) continue;
                    touches[(((channel * input.Rows) + y) * input.Columns) + x].Add(
                        ((o * output.Positions) + position, (o * layer.Depth) + k));
                }

        return [.. touches.Select(t => t.ToArray())];
    }
}

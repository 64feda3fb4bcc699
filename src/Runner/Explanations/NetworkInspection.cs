using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Explanations;

/// <summary>One layer of a network.</summary>
/// <param name="Name">Its name in profiles, taps and messages.</param>
/// <param name="Kind">Its type in profiles.</param>
/// <param name="Reads">The layers that it reads; <c>input</c> for the image.</param>
/// <param name="Output">Shape of what it makes.</param>
/// <param name="Parameters">Weights and biases.</param>
/// <param name="MultiplyAccumulates">Products of one image.</param>
/// <param name="Weights">Least and largest weight; null without weights.</param>
/// <param name="Values">
/// Least and largest value over the images, 0 among them; null without images.
/// </param>
/// <param name="Quantizer">The format that the file gives its values; null where it gives none.
/// </param>
internal sealed record InspectedLayer(
    string Name, string Kind, IReadOnlyList<string> Reads, string Output, long Parameters,
    long MultiplyAccumulates, IReadOnlyList<float>? Weights, IReadOnlyList<float>? Values,
    string? Quantizer);

/// <summary>What a profile does with a network.</summary>
/// <param name="Name">The profile's.</param>
/// <param name="WhyNot">Why it refuses; null where it runs.</param>
/// <param name="Weights">Formats of weights, as <c>int8</c>.</param>
/// <param name="Activations">Formats between layers.</param>
/// <param name="Accumulators">Widths of accumulators.</param>
internal sealed record InspectedProfile(
    string Name, string? WhyNot, string Weights, string Activations, string Accumulators);

/// <summary>What a network is, and what hardware makes of it.</summary>
internal sealed record NetworkInspection(
    string Name, string Input, int Classes, bool IsQuantized, long Parameters,
    long MultiplyAccumulates, IReadOnlyList<InspectedLayer> Layers,
    IReadOnlyList<InspectedProfile> Profiles)
{
    /// <summary>Looks at a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="images">Images that it is run on; empty for none.</param>
    /// <param name="profiles">Hardware to try it on.</param>
    public static NetworkInspection Of(
        FloatNetwork network, ReadOnlyMemory<float> images,
        IReadOnlyList<HardwareProfile> profiles)
    {
        CalibrationSet? seen =
            images.IsEmpty ? null : CalibrationSet.Collect(network, images);
        InspectedLayer[] layers =
            [.. network.Layers.Select((l, i) => Layer(network, l, i, seen))];
        CalibrationSet scales = seen ?? CalibrationSet.Collect(network, Ramp(network.Input));
        return new(
            network.Name, $"{network.Input}", network.Classes,
            network.IsQuantized, layers.Sum(l => l.Parameters),
            layers.Sum(l => l.MultiplyAccumulates), layers,
            [.. profiles.Select(p => Profile(network, p, scales))]);
    }

    /// <summary>Products of one image in a layer.</summary>
    private static long Products(FloatNetwork network, FloatLayer layer, int index) => layer switch
    {
        Conv2dLayer conv => (long)network.Shape(index + 1).Length
            * conv.Geometry.Depth(network.Shape(conv.Inputs[0]).Channels),
        DenseLayer dense => dense.Weight.Length,
        { Parameters: [] } or BatchNormLayer => 0,
        _ => throw new NotSupportedException(
            $"layer '{layer.Name}' ({layer.Kind}): its products are not counted"),
    };

    private static InspectedLayer Layer(
        FloatNetwork network, FloatLayer layer, int index, CalibrationSet? seen)
    {
        float[]? weights = layer is Conv2dLayer or DenseLayer ? layer.Parameters[0] : null;
        return new(
            layer.Name, layer.Kind,
            [.. layer.Inputs.Select(i => i == 0 ? "input" : network.Layers[i - 1].Name)],
            $"{network.Shape(index + 1)}", layer.ParameterCount,
            Products(network, layer, index),
            weights is null ? null : [weights.Min(), weights.Max()],
            seen is null ? null : [seen.Range(index + 1).Low, seen.Range(index + 1).High],
            Format(layer));
    }

    /// <summary>What the file says of how values or weights are quantized.</summary>
    private static string? Format(FloatLayer layer) =>
        layer is Simulator.Networks.DynamicQuantizeLayer ? "uint8, a scale of each image"
        : layer is FakeQuantizeLayer
        { Quantizer: { Unit: QuantizerUnit.Sign, Scale.Step: var one } }
        ? FormattableString.Invariant($"signs x {one:g4}")
        : layer is FakeQuantizeLayer { Quantizer: var q }
        ? FormattableString.Invariant(
            $"{Int(q.Target.Bits, q.Target.IsSigned)} x {q.Scale.Step:g4}")
            + (q.Scale.ZeroPoint == 0 ? "" : $", zero {q.Scale.ZeroPoint}")
        : OwnWeights.Of(layer) is { } own
            ? $"weights {Int(own.Bits, own.IsSigned)}, "
                + (own.Scales.Distinct().Count() == 1 ? "one scale" : "a scale per channel")
            : null;

    private static InspectedProfile Profile(
        FloatNetwork network, HardwareProfile profile, CalibrationSet scales)
    {
        try
        {
            QuantizedProgram program = Quantizer.Quantize(
                network, DatapathCompiler.Compile(profile), scales);
            MacLayer[] units = [.. program.Layers.OfType<MacLayer>()];
            return new(
                profile.Name, null,
                Listed(units.Select(u => Int(u.WeightBits, u.WeightsSigned))),
                Listed(program.Layers.Select(l => l.Output.IsFloat32
                    ? "float32"
                    : Int(l.Output.Bits, l.Output.IsSigned))),
                Listed(units.Select(
                    u => $"{u.Mac.Update.Bits} {u.Mac.Update.Overflow}".ToLowerInvariant())));
        }
        catch (Exception e) when (e is QuantizationException or InputException)
        {
            return new(profile.Name, e.Message.Split('\n')[0], "", "", "");
        }
    }

    /// <summary>
    /// Sixteen grey images from black to white: scales must come from somewhere where nobody gave
    /// images.
    /// </summary>
    private static float[] Ramp(TensorShape shape) =>
        [.. Enumerable.Range(0, 16).SelectMany(i => Enumerable.Repeat(i / 15f, shape.Length))];

    private static string Int(int bits, bool isSigned) => $"{(isSigned ? "int" : "uint")}{bits}";

    private static string Listed(IEnumerable<string> words) => string.Join(", ", words.Distinct());
}

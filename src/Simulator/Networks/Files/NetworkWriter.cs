using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;

namespace QSim.Simulator.Networks.Files;

/// <summary>
/// Writes a network so that <see cref="NetworkFile.Load"/> gives back the same bits.
/// </summary>
internal static class NetworkWriter
{
    /// <summary>
    /// The architecture (<c>qsim/network/1</c>) and its weights, in numpy's format.
    /// </summary>
    /// <param name="network">
    /// Of layers that such a file can have; batch norms are folded by now.
    /// </param>
    /// <param name="weights">
    /// The name of the weights' file, for the architecture to refer to.
    /// </param>
    /// <exception cref="NotSupportedException">A layer cannot be written.</exception>
    public static (string Yaml, byte[] Npz) Write(FloatNetwork network, string weights)
    {
        var yaml = new StringBuilder();
        TensorShape input = network.Input;
        yaml.Append("schema: qsim/network/1\n");
        yaml.Append(CultureInfo.InvariantCulture, $"name: {Quoted(network.Name)}\n");
        yaml.Append(CultureInfo.InvariantCulture, $"weights: {Quoted(weights)}\n");
        yaml.Append(
            CultureInfo.InvariantCulture,
            $"input: [{input.Channels}, {input.Rows}, {input.Columns}]\n");
        yaml.Append("layers:\n");
        for (int i = 0; i < network.Layers.Length; i++)
            yaml.Append("  - {").AppendJoin(", ", Keys(network, i)).Append("}\n");
        using var npz = new MemoryStream();
        NpzFile.Write(npz, network.Layers.SelectMany(Arrays));
        return (yaml.ToString(), npz.ToArray());
    }

    /// <summary>Why a network cannot be written so; null where it can.</summary>
    public static string? WhyNot(FloatNetwork network)
    {
        try
        {
            foreach (int i in Enumerable.Range(0, network.Layers.Length)) TypeOf(network, i);
            return null;
        }
        catch (NotSupportedException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> Keys(FloatNetwork network, int index)
    {
        FloatLayer layer = network.Layers[index];
        yield return $"type: {TypeOf(network, index)}";
        yield return $"name: {Quoted(layer.Name)}";
        if (layer is RearrangeLayer) yield return $"order: {ArchitectureKeys.ChannelsLast}";
        IEnumerable<string> inputs = layer.Inputs.Select(t =>
            t == 0 ? "input" : Quoted(network.Layers[t - 1].Name));
        if (layer.Inputs is not [var only] || only != index)
            yield return $"inputs: [{string.Join(", ", inputs)}]";
        foreach (string key in Window(layer)) yield return key;
    }

    private static IEnumerable<string> Window(FloatLayer layer) => layer switch
    {
        Conv2dLayer conv => ArchitectureKeys.Written(conv.Geometry, false),
        MaxPool2dLayer pool => ArchitectureKeys.Written(pool.Geometry, true),
        AveragePool2dLayer pool => ArchitectureKeys.Written(pool.Geometry, true),
        _ => [],
    };

    private static string TypeOf(FloatNetwork network, int index) =>
        network.Layers[index] is var layer && layer is Conv2dLayer ? "conv2d"
        : layer is RearrangeLayer moved && IsFlatten(moved, network.Shape(layer.Inputs[0]))
            ? "flatten"
        : layer is not BatchNormLayer && ArchitectureBuilder.Types.Contains(layer.Kind)
            ? layer.Kind
        : throw new NotSupportedException($"layer '{layer.Name}' ({layer.Kind}) cannot be written");

    private static bool IsFlatten(RearrangeLayer layer, TensorShape input) =>
        RearrangeLayer.ChannelsLast(layer.Name, layer.Inputs, input) is var flat
        && flat.Shape == layer.Shape && flat.Sources.SequenceEqual(layer.Sources);

    private static IEnumerable<(string, NpyArray)> Arrays(FloatLayer layer)
    {
        if (layer is Conv2dLayer conv)
        {
            WindowGeometry w = conv.Geometry;
            int depth = conv.Weight.Length / conv.OutputChannels / (w.KernelRows * w.KernelColumns);
            yield return Named(
                layer, "weight", conv.Weight, conv.OutputChannels, depth, w.KernelRows,
                w.KernelColumns);
            yield return Named(layer, "bias", conv.Bias, conv.OutputChannels);
        }
        else if (layer is DenseLayer dense)
        {
            yield return Named(
                layer, "weight", dense.Weight, dense.OutputFeatures,
                dense.Weight.Length / dense.OutputFeatures);
            yield return Named(layer, "bias", dense.Bias, dense.OutputFeatures);
        }
    }

    private static (string, NpyArray) Named(
        FloatLayer layer, string name, float[] values, params ImmutableArray<int> shape) =>
        (
            $"{layer.Name}.{name}",
            new("<f4", shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}

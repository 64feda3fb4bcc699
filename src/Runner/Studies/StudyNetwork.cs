using System.Text;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies;

/// <summary>Where a network that is not trained here comes from.</summary>
/// <param name="Files">Each file's path and SHA-256.</param>
/// <param name="Sha256">Of all their bytes, one after the other.</param>
/// <param name="Doubt">Why ONNX Runtime may give other values; null for no reason.</param>
internal sealed record LoadedNetwork(
    IReadOnlyList<(string Path, string Sha256)> Files, string Sha256, string? Doubt);

/// <summary>From what a user writes for a network to the network.</summary>
internal static class StudyNetwork
{
    /// <summary>What may be written, for messages.</summary>
    public static string Supported =>
        $"{string.Join(", ", NetworkPresets.Names)}; or {NetworkFile.Supported}";

    /// <summary>
    /// Checks that a name is a preset's or a file's; not that there is such a file.
    /// </summary>
    /// <exception cref="RequestException">It is neither.</exception>
    public static void CheckName(string name)
    {
        if (NetworkPresets.Names.Contains(name) || NetworkFile.IsPath(name)) return;
        throw new RequestException(
            $"unknown network '{name}'{Suggestion.Hint(name, NetworkPresets.Names)} (supported: "
                + $"{Supported})");
    }

    /// <summary>
    /// The network for a dataset: a preset with all parameters zero, or one from a file.
    /// </summary>
    /// <param name="name">What was written.</param>
    /// <param name="data">The dataset, its pixels in 0..1.</param>
    /// <param name="range">What pixels a network from a file takes; null for 0..1.</param>
    /// <param name="preprocess">What is done to them before it; null for nothing.</param>
    /// <exception cref="RequestException">It does not fit the images.</exception>
    /// <exception cref="Simulator.InputException">A file is missing or wrong.</exception>
    public static (FloatNetwork Network, LoadedNetwork? From) Of(
        string name, Dataset data, PixelRange? range = null, Preprocess? preprocess = null)
    {
        if (!NetworkFile.IsPath(name))
        {
            return preprocess is not { HasNumbers: true }
                ? (Fit(NetworkPresets.Create(name), data), null)
                : throw new RequestException(
                    $"pixel mean, std and scale are for a trained network, not for '{name}'");
        }

        NetworkFile loaded = NetworkFile.Load(name, data.Test.Shape, data.IsChannelsLast);
        if (preprocess is { HasNumbers: false }) preprocess = null;
        IEnumerable<byte[]> content = loaded.Files.Select(f => f.Content);
        if (loaded.Output is { } output) content = content.Append(Encoding.UTF8.GetBytes(output));
        if (preprocess is not null)
            content = content.Append(Encoding.UTF8.GetBytes($"{preprocess}"));
        return (
            Fit(Before(loaded.Network, range, preprocess), data),
            new(
                [.. loaded.Files.Select(f => (f.Path, Digest.Of(f.Content)))],
                Digest.OfAll(content), loaded.Doubt));
    }

    /// <summary>The network of pixels in 0..1, of one that takes what is made of them.</summary>
    /// <exception cref="RequestException">That does not fit its channels.</exception>
    public static FloatNetwork Before(
        FloatNetwork network, PixelRange? range, Preprocess? preprocess)
    {
        FloatNetwork with = preprocess is { HasNumbers: true }
            ? preprocess.Before(network)
            : network;
        return range?.Before(with) ?? with;
    }

    /// <summary>
    /// Says why ONNX Runtime may give other values, where a profile has its arithmetic.
    /// </summary>
    public static void Warn(Screen screen, string? doubt, IEnumerable<string> profiles)
    {
        if (doubt is not null
            && profiles.Any(p => p is ProfileReader.FromModel or "onnxruntime-qlinear"))
            screen.Note($"warning: {doubt}");
    }

    /// <summary>Refuses the profile that a network implies where it implies none.</summary>
    /// <exception cref="RequestException">It is float.</exception>
    public static void CheckImplies(FloatNetwork network, IEnumerable<string> profiles)
    {
        if (!profiles.Contains(ProfileReader.FromModel)) return;
        if (network.Layers.Any(l => OwnWeights.Of(l) is { IsTflite: true }))
            throw new RequestException(
                $"profile {ProfileReader.FromModel}: is ONNX Runtime's arithmetic, and "
                    + $"'{network.Name}' is TensorFlow Lite's (supported: xnnpack, "
                    + "litert-builtin, tflite-int8, cmsis-nn-int8, cmsis-nn-16x8, edge-tpu)");
        if (!network.IsQuantized)
            throw new RequestException(
                $"profile {ProfileReader.FromModel}: network '{network.Name}' is not quantized, so "
                    + "it implies no arithmetic (supported: ONNX graphs with QuantizeLinear and "
                    + "DequantizeLinear, or QLinear operators)");
    }

    /// <summary>
    /// A network may have logits that no image's label asks for, as one trained on more classes
    /// has: an image whose largest logit is one of those is classified wrong.
    /// </summary>
    private static FloatNetwork Fit(FloatNetwork network, Dataset data)
    {
        if (network.Input == data.Test.Shape
            && network.Classes < data.Classes
            && data.WhatSays(network.Classes) is { } what)
            throw new RequestException(
                $"{what}, but network '{network.Name}' has {network.Classes} logits (supported: "
                    + $"0..{network.Classes - 1})");
        return network.Input == data.Test.Shape && network.Classes >= data.Classes
            ? network
            : throw new RequestException(
                $"network '{network.Name}' takes {network.Input} images and has "
                    + $"{network.Classes} logits, but {data.Name} has {data.Test.Shape} images of "
                    + $"{data.Classes} classes");
    }
}

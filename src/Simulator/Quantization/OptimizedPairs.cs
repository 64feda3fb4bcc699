using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Quantizers as ONNX Runtime's default optimizations leave them, on profiles that compute as it
/// does; on others each stays what the network says.
/// </summary>
internal static class OptimizedPairs
{
    /// <summary>The network that such a profile runs.</summary>
    /// <exception cref="QuantizationException">They leave one without a scale.</exception>
    public static FloatNetwork Of(FloatNetwork network, Datapath datapath)
    {
        if (!network.Layers.Any(l => Replaced(l, datapath) is not null)) return network;
        return new(
            network.Name, network.Input,
            [.. network.Layers.Select(l => Replaced(l, datapath) ?? l)]);
    }

    /// <summary>Whether a layer's float32 units are ONNX Runtime's.</summary>
    public static bool AreOnnxRuntimes(LayerDatapath stages) =>
        stages.ResidualAdd == ResidualAddKind.Float32
        && stages.AveragePool.Division == AverageDivision.Float32;

    private static FakeQuantizeLayer? Replaced(FloatLayer layer, Datapath datapath)
    {
        if (layer is not FakeQuantizeLayer { Optimized: { } own } quantizer
            || !AreOnnxRuntimes(datapath.For(layer.Kind, layer.Name, false)))
            return null;
        return float.IsNormal((float)own.Scale.Step)
            ? quantizer with { Quantizer = own }
            : throw new QuantizationException(
                $"{datapath.Name}: layer '{layer.Name}': quantize: of pairs of one type in a row "
                    + "ONNX Runtime makes one, whose scale would be 0 here, or too late for the "
                    + "layer beside three or more, or where it moves a Transpose between them to "
                    + "another (use one pair, or another profile)");
    }
}

using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files;

/// <summary>Quantizers that neither ONNX nor a file of integers has a way to say.</summary>
internal static class OwnUnits
{
    /// <summary>Refuses signs and dropped bits.</summary>
    /// <exception cref="NotSupportedException">A network has them.</exception>
    public static void Check(FloatNetwork network)
    {
        foreach (FakeQuantizeLayer layer in network.Layers.OfType<FakeQuantizeLayer>())
            if (layer.Quantizer.Unit != QuantizerUnit.Requantization)
                throw new NotSupportedException(
                    $"layer '{layer.Name}' "
                        + (layer.Quantizer.Unit == QuantizerUnit.Sign
                            ? "takes signs of sums"
                            : "drops bits of sums")
                        + ", which the format has no way to say (supported: npz)");
    }
}

using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files;

/// <summary>Quantizers whose unit is the network's own, not the profile's.</summary>
internal static class OwnUnits
{
    /// <summary>Refuses scales that each image decides: files have numbers for scales.</summary>
    /// <exception cref="NotSupportedException">A network has them.</exception>
    public static void CheckScales(FloatNetwork network)
    {
        if (network.Layers.OfType<DynamicQuantizeLayer>().FirstOrDefault() is { } layer)
            throw new NotSupportedException(
                $"layer '{layer.Name}' finds its scale in each image, and the format holds one "
                    + "scale for all images (supported: .onnx, .npz; or quantize the network "
                    + "statically)");
    }

    /// <summary>What makes a layer's outputs; null where the profile does.</summary>
    /// <param name="network">The network.</param>
    /// <param name="made">A layer of the program that was made from it.</param>
    public static FakeQuantizer? Of(FloatNetwork network, ProgramLayer made)
    {
        int tensor = 1 + network.Layers.ToList().FindIndex(l => l.Name == made.Name);
        while (tensor > 0)
        {
            if (network.Layers[tensor - 1] is FakeQuantizeLayer { Quantizer: var quantizer })
                return quantizer.Unit == QuantizerUnit.Requantization ? null : quantizer;
            int next = network.Layers.ToList().FindIndex(l => l.Inputs.Contains(tensor)
                && l is FakeQuantizeLayer or ReluLayer or PointLayer
                {
                    Function: PointFunction.Clip,
                });
            tensor = next + 1;
        }

        return null;
    }
}

using System.Collections.Immutable;
using QSim.Simulator.Networks;

namespace QSim.Simulator.Quantization;

/// <summary>Which ReLUs and clips become the clamp of the layer before them.</summary>
/// <remarks>
/// A calibrated output is fused, as TFLite and PyTorch do: its range is that after the ReLU. An
/// output with a fixed binary point is not: there the layer's result is a register of its own, as
/// in hls4ml.
/// </remarks>
internal static class Fusion
{
    /// <summary>Per layer: the index of the ReLU or clip fused into it, or -1.</summary>
    /// <param name="network">The network.</param>
    /// <param name="mayFuse">
    /// Whether the output of the layer with this index may take a ReLU in.
    /// </param>
    public static ImmutableArray<int> Plan(FloatNetwork network, Func<int, bool> mayFuse)
    {
        int[] readers = new int[network.Layers.Length + 1];
        foreach (int input in network.Layers.SelectMany(l => l.Inputs)) readers[input]++;
        int[] fused = new int[network.Layers.Length];
        Array.Fill(fused, -1);
        for (int i = 0; i < network.Layers.Length; i++)
        {
            FloatLayer relu = network.Layers[i];
            if (ClampBounds.Of(relu) is null || relu.Inputs[0] == 0) continue;
            int producer = relu.Inputs[0] - 1;
            if (readers[producer + 1] == 1
                && Requantizes(network.Layers[producer])
                && mayFuse(producer))
                fused[producer] = i;
        }

        return [.. fused];
    }

    /// <summary>
    /// True for layers whose output passes through a requantization, where a clamp costs nothing.
    /// </summary>
    private static bool Requantizes(FloatLayer layer) =>
        layer is Conv2dLayer or DenseLayer or JoinLayer;
}

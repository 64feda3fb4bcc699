using System.Collections.Immutable;
using QSim.Simulator.Networks;

namespace QSim.Simulator.Quantization;

/// <summary>Which ReLUs become the clamp of the multiply-accumulate layer before them.</summary>
/// <remarks>
/// A calibrated output is fused, as TFLite and PyTorch do: its range is that after the ReLU. An output with a
/// fixed binary point is not: there the layer's result is a register of its own, as in hls4ml.
/// </remarks>
public static class Fusion
{
    /// <summary>Per layer: the index of the ReLU fused into it, or -1.</summary>
    /// <param name="network">The network.</param>
    /// <param name="mayFuse">Whether the layer's output may take a ReLU in.</param>
    public static ImmutableArray<int> Plan(FloatNetwork network, Func<FloatLayer, bool> mayFuse)
    {
        int[] readers = new int[network.Layers.Length + 1];
        foreach (FloatLayer layer in network.Layers)
            foreach (int input in layer.Inputs) readers[input]++;
        int[] fused = new int[network.Layers.Length];
        Array.Fill(fused, -1);
        for (int i = 0; i < network.Layers.Length; i++)
        {
            if (network.Layers[i] is not ReluLayer relu || relu.Inputs[0] == 0) continue;
            int producer = relu.Inputs[0] - 1;
            if (readers[producer + 1] == 1 && IsMac(network.Layers[producer]) && mayFuse(network.Layers[producer]))
                fused[producer] = i;
        }

        return [.. fused];
    }

    /// <summary>True for layers that multiply and accumulate.</summary>
    public static bool IsMac(FloatLayer layer) => layer is Conv2dLayer or DenseLayer;
}

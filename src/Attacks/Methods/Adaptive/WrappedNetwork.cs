using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary>
/// The float network with a smoothed wrap (<see cref="WrapLayer"/>) behind every layer whose
/// accumulator can wrap.
/// </summary>
internal static class WrappedNetwork
{
    /// <summary>The network; null where no accumulator wraps.</summary>
    public static FloatNetwork? Of(FloatNetwork network, QuantizedProgram program)
    {
        var layers = ImmutableArray.CreateBuilder<FloatLayer>();
        int[] tensor = new int[network.Layers.Length + 1];
        bool wraps = false;
        for (int i = 0; i < network.Layers.Length; i++)
        {
            FloatLayer layer = network.Layers[i];
            layers.Add(layer with { Inputs = [.. layer.Inputs.Select(t => tensor[t])] });
            tensor[i + 1] = layers.Count;
            if (program.Layers.OfType<MacLayer>().FirstOrDefault(m => m.Name == layer.Name)
                is not { } mac || !Wraps(mac))
                continue;
            double[] steps = Steps(layer, mac);
            if (!steps.All(double.IsFinite)) continue;
            wraps = true;
            layers.Add(new WrapLayer(
                $"{layer.Name}_wraps", [layers.Count],
                [.. steps.Select(s => (float)Math.ScaleB(s, mac.Mac.Update.Bits))]));
            tensor[i + 1] = layers.Count;
        }

        return wraps ? new(network.Name, network.Input, layers.ToImmutable()) : null;
    }

    private static bool Wraps(MacLayer mac) =>
        mac.Mac.Update is { Overflow: OverflowMode.Wrap, IsSigned: true }
        && !mac.Facts.IsExact;

    /// <summary>
    /// What one step of each channel's accumulator is in the float layer's units, by its weights:
    /// the ratio of float to raw ones, over all of the channel's, times the input's step.
    /// </summary>
    private static double[] Steps(FloatLayer layer, MacLayer mac)
    {
        float[] real = layer.Parameters[0];
        return [.. Enumerable.Range(0, mac.Bias.Length).Select(channel =>
        {
            double product = 0, square = 0;
            for (int k = channel * mac.Depth; k < (channel + 1) * mac.Depth; k++)
            {
                product += (double)real[k] * mac.Weights[k];
                square += (double)mac.Weights[k] * mac.Weights[k];
            }

            // Weights that meet bytes were scaled: the ratio and the input's step make up for it.
            double units = Math.ScaleB(1, mac.Mac.Update.Shift - mac.Mac.PartialAlign);
            return product / square * mac.Input.Scale * units;
        })];
    }
}

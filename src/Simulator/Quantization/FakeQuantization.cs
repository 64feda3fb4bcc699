using System.Collections.Immutable;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// A datapath as quantization-aware training sees it: parameters and activations in the datapath's
/// own formats, scales and roundings, everything between them (products, accumulators) exact.
/// </summary>
internal static class FakeQuantization
{
    /// <summary>
    /// Quantizers of a network's parameters, in the order of its layers and of their parameters;
    /// null where the datapath leaves an array alone (a bias that lives in the accumulator).
    /// </summary>
    /// <param name="network">
    /// The network; calibrated scales are chosen from the parameters that it holds.
    /// </param>
    /// <param name="datapath">The hardware.</param>
    public static ImmutableArray<FakeParameter?> Parameters(FloatNetwork network, Datapath datapath)
    {
        int lastMac = ProgramBuilder.LastMac(network);
        (FloatNetwork hardware, double gain) = InputPlan.FirstWeights(network, datapath.Input);
        var all = ImmutableArray.CreateBuilder<FakeParameter?>();
        foreach ((int index, FloatLayer layer) in network.Layers.Index())
        {
            if (layer is not (Conv2dLayer or DenseLayer))
            {
                all.AddRange(layer.Parameters.Select(_ => (FakeParameter?)null));
                continue;
            }

            LayerDatapath stages = datapath.For(layer.Kind, layer.Name, index >= lastMac);
            FloatLayer own = hardware.Layers[index];
            ImmutableArray<FakeQuantizer> weights = WeightQuantizer.Quantizers(
                own.Parameters[0], own.Parameters[1].Length, stages.Weight);
            if (own != layer) weights = [.. weights.Select(w => w.SmallerBy(gain))];
            all.Add(new(weights, !stages.Weight.IsCalibrated));
            all.Add(Bias(stages));
        }

        return all.ToImmutable();
    }

    /// <summary>Quantizers by float tensor: 0 is the input, i + 1 the output of layer i.</summary>
    /// <param name="network">The network, with the parameters that the hardware will have.</param>
    /// <param name="datapath">The hardware.</param>
    /// <param name="calibration">What calibrated scales are chosen from.</param>
    /// <exception cref="QuantizationException">
    /// The network asks what the datapath cannot do.
    /// </exception>
    public static ImmutableSortedDictionary<int, FakeQuantizer> Activations(
        FloatNetwork network, Datapath datapath, CalibrationSet calibration)
    {
        var build = new ProgramBuilder(network, datapath, calibration);
        for (int i = 0; i < network.Layers.Length; i++) build.Add(i);
        return build.FakeQuantizers();
    }

    /// <summary>
    /// The same network, its parameter arrays shared, with a <see cref="FakeQuantizeLayer"/> behind
    /// every tensor that has a quantizer.
    /// </summary>
    public static FloatNetwork Insert(
        FloatNetwork network, IReadOnlyDictionary<int, FakeQuantizer> activations)
    {
        var layers = ImmutableArray.CreateBuilder<FloatLayer>();
        int[] tensor = new int[network.Layers.Length + 1];
        for (int t = 0; t < tensor.Length; t++)
        {
            if (t > 0)
            {
                FloatLayer layer = network.Layers[t - 1];
                layers.Add(layer with { Inputs = [.. layer.Inputs.Select(i => tensor[i])] });
                tensor[t] = layers.Count;
            }

            if (!activations.TryGetValue(t, out FakeQuantizer? quantizer)) continue;
            layers.Add(new FakeQuantizeLayer($"fake_quantize_{t}", [tensor[t]], quantizer));
            tensor[t] = layers.Count;
        }

        return new(network.Name, network.Input, layers.ToImmutable());
    }

    private static FakeParameter? Bias(LayerDatapath stages) =>
        stages.Bias is not { } register
            ? null
            : new(
                [
                    new(
                        TensorScale.PowerOfTwo(register.Format.FractionBits), register.Rounding,
                        register.Dropping(0, stages.Dialect)),
                ],
                IsFixed: true);
}

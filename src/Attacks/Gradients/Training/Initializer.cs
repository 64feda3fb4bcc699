using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Training;

/// <summary>Initial parameters.</summary>
internal static class Initializer
{
    /// <summary>
    /// Fills every array with uniform values in +-1/sqrt(fan in), weights and bias alike: what
    /// PyTorch's layers do by default (Kaiming uniform with a = sqrt(5)). Batch norms become the
    /// identity. A pure function of the seed.
    /// </summary>
    public static void KaimingUniform(FloatNetwork network, ulong seed)
    {
        for (int layer = 0; layer < network.Layers.Length; layer++)
        {
            IReadOnlyList<float[]> parameters = network.Layers[layer].Parameters;
            if (parameters.Count == 0) continue;
            if (network.Layers[layer] is BatchNormLayer norm)
            {
                Array.Fill(norm.Scale, 1);
                Array.Clear(norm.Shift);
                continue;
            }

            int fanIn = parameters[0].Length / network.Shape(layer + 1).Channels;
            float bound = (float)(1 / Math.Sqrt(fanIn));
            for (int array = 0; array < parameters.Count; array++)
            {
                var random = new KeyedRandom(seed, RandomPurpose.Initialization, layer, array);
                foreach (ref float value in parameters[array].AsSpan())
                    value = random.NextFloat(-bound, bound);
            }
        }
    }
}

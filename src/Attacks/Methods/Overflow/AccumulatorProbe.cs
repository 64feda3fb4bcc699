using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Managed;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Methods.Overflow;

/// <summary>
/// How near the accumulators of one layer are to their edge, as a float network: the layers before
/// it as they are, the layer itself with the hardware's raw weights and bias over the accumulator's
/// limit. Beyond 1 in absolute value a sum does not fit. Sums on the way stand beside the final one
/// where they matter.
/// </summary>
internal sealed class AccumulatorProbe : IDisposable
{
    private const int Quarters = 4;
    private readonly Lazy<IGradientModel> _model;

    private AccumulatorProbe(
        FloatNetwork network, string layer, double reach, IGradientEngine? gradients)
    {
        _model = new(() => gradients?.Create(network) ?? new ManagedGradientModel(network));
        (Layer, Reach) = (layer, reach);
    }

    /// <summary>The layer's name.</summary>
    public string Layer { get; }

    /// <summary>
    /// The most that any input in range could bring about: the largest sum of absolute products and
    /// bias over the limit, among output channels. Up to 1 nothing ever overflows.
    /// </summary>
    public double Reach { get; }

    /// <summary>
    /// Fills in pressures, [image][channel and sum on the way][row][column], the final sum last of
    /// each channel's; their number per image is its classes.
    /// </summary>
    public IGradientModel Model => _model.Value;

    /// <summary>The probe of a layer.</summary>
    /// <param name="network">The network that the program was made from.</param>
    /// <param name="program">The hardware.</param>
    /// <param name="mac">One of the program's layers.</param>
    /// <param name="gradients">What differentiates it; null for the managed engine.</param>
    /// <exception cref="ArgumentException">The network has no such layer.</exception>
    public static AccumulatorProbe Of(
        FloatNetwork network, QuantizedProgram program, MacLayer mac,
        IGradientEngine? gradients = null)
    {
        int index = network.Layers.ToList().FindIndex(l => l.Name == mac.Name);
        if (index < 0)
            throw new ArgumentException($"network '{network.Name}' has no layer '{mac.Name}'");
        TensorType input = program.Tensor(mac.Inputs[0]);

        // In units of one product; ARITHMETIC.md section 4 aligns sums and accumulator before each
        // update.
        ConversionPoint point = new(mac.Mac);
        double limit =
            Math.Max(Math.Abs((double)mac.Mac.Update.Min), mac.Mac.Update.Max)
            * point.AccumulatorToProduct;
        int outputs = mac.Bias.Length,
            depth = mac.Depth,
            shift = input.ZeroPoint - mac.Mac.InputOffset;
        double largest = Math.Max(
            Math.Abs((double)input.MinRaw + shift), Math.Abs((double)input.MaxRaw + shift));
        int[] order = ReductionPlan.WeightIndices(mac),
            lengths = Prefixes(mac);
        float[] weight = new float[Sizes.Weights(outputs, lengths.Length, depth)],
            bias = new float[Sizes.Weights(outputs, lengths.Length)];
        double reach = 0;
        for (int o = 0; o < outputs; o++)
        {
            double sum = 0, absolute = 0, start = mac.Bias[o] * point.BiasToProduct;
            for (int p = 0, step = 0; p < lengths.Length; p++)
            {
                int row = (o * lengths.Length) + p;
                if (p > 0)
                    weight.AsSpan((row - 1) * depth, depth).CopyTo(weight.AsSpan(row * depth));
                for (; step < lengths[p]; step++)
                {
                    int w = mac.Weights[(o * depth) + order[step]];
                    weight[(row * depth) + order[step]] = (float)(w / (input.Scale * limit));
                    sum += w;
                    absolute += Math.Abs((double)w) * largest;
                }

                double begun =
                    mac.Mac.Bias == BiasPosition.First || lengths[p] == depth ? start : 0;
                bias[row] = (float)((begun + (shift * sum)) / limit);
                reach = Math.Max(reach, (absolute + Math.Abs(begun)) / limit);
            }
        }

        int rows = bias.Length;
        FloatLayer last = network.Layers[index] switch
        {
            Conv2dLayer conv => conv with { OutputChannels = rows, Weight = weight, Bias = bias },
            DenseLayer dense => dense with { OutputFeatures = rows, Weight = weight, Bias = bias },
            FloatLayer other => throw new ArgumentException(
                $"layer '{other.Name}' ({other.Kind}) does not accumulate"),
        };
        FloatNetwork truncated = new(
            $"{network.Name} to {mac.Name}", network.Input, [.. network.Layers[..index], last]);
        return new(truncated, mac.Name, reach, gradients);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_model.IsValueCreated) _model.Value.Dispose();
    }

    /// <summary>
    /// How many products, in the hardware's order, the sums hold that are pressed: where a sum on
    /// its way that leaves the range is lost (any overflow mode but plain wrapping, which forgets
    /// what it was), each quarter of the way as well as the end.
    /// </summary>
    private static int[] Prefixes(MacLayer mac)
    {
        bool forgets = mac.Mac.Update is { Overflow: OverflowMode.Wrap, SaturationBits: 0 };
        return mac.Mac.When == AccumulatorUpdate.End || forgets || mac.Depth < Quarters
            ? [mac.Depth]
            : [.. Enumerable.Range(1, Quarters).Select(q => mac.Depth * q / Quarters)];
    }

    private readonly record struct ConversionPoint(MacSpec Mac)
    {
        /// <summary>
        /// Product units in one unit of the accumulator, as the update's conversion has it.
        /// </summary>
        public double AccumulatorToProduct => Math.ScaleB(1, Mac.Update.Shift - Mac.PartialAlign);

        /// <summary>Product units in one unit of the bias.</summary>
        public double BiasToProduct => Math.ScaleB(1, Mac.AccumulatorAlign - Mac.PartialAlign);
    }
}

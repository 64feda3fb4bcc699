using System.Numerics.Tensors;
using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;

namespace QSim.Certificates.Bounds;

/// <summary>
/// Sums of channels whose accumulators provably hold every partial sum of any input: plain integer
/// sums, in double, where integers below 2^53 are exact whatever the order.
/// </summary>
internal sealed class ExactSums
{
    private readonly MacLayer _layer;
    private readonly double[] _weights;
    private readonly double[] _sizes;
    private readonly double _scale;
    private readonly bool[] _has;

    private ExactSums(MacLayer layer, int[] ordered, double scale, bool[] has)
    {
        (_layer, _scale, _has) = (layer, scale, has);
        _weights = [.. ordered.Select(w => (double)w)];
        _sizes = [.. ordered.Select(w => Math.Abs((double)w))];
    }

    /// <summary>Those of a layer; null where no channel has any.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="ordered">Its weights, each filter in the order of the reduction.</param>
    /// <param name="scale">Steps of the accumulator for a step of a product.</param>
    public static ExactSums? Of(MacLayer layer, int[] ordered, double scale)
    {
        bool fits = layer.Mac.ProductStage == ProductStage.Exact && scale >= 1
            && (layer.Facts.Chain.ExactProduct * (4L * layer.Depth)).Bits < 53
            && layer.Facts.Chain.Register.Bits < 53;
        bool[] has = [.. layer.Facts.Laws.Select(
            l => fits && l is { Law: AccumulationLaw.Exact, RoundsTerms: false })];
        return has.Contains(true) ? new(layer, ordered, scale, has) : null;
    }

    /// <summary>Whether a channel is one of them.</summary>
    public bool Has(int channel) => _has[channel];

    /// <summary>Sums of one window after the other.</summary>
    public sealed class Window
    {
        private readonly ExactSums _sums;
        private readonly double[] _middle, _width, _largest, _fixed;
        private readonly bool _hasFixed;

        /// <summary>Room for a window.</summary>
        public Window(ExactSums sums)
        {
            _sums = sums;
            int depth = sums._layer.Depth;
            (_middle, _width) = (new double[depth], new double[depth]);
            (_largest, _fixed) = (new double[depth], new double[depth]);
            _hasFixed = sums._layer.Mac.InputOffset != 0 || sums._layer.Geometry.HasPadding;
        }

        /// <summary>Takes the inputs of a window; padding is from -1.</summary>
        public void Take(int[] places, Interval[] window)
        {
            int offset = _sums._layer.Mac.InputOffset;
            for (int i = 0; i < window.Length; i++)
            {
                (long low, long high) = (window[i].Low, window[i].High);
                _middle[i] = low + high;
                _width[i] = high - low;
                _largest[i] = Math.Max(Math.Abs(low), Math.Abs(high)) + Math.Abs(offset);
                _fixed[i] = places[i] < 0 ? low : -offset;
            }
        }

        /// <summary>The sum of a channel, and how it follows raw inputs.</summary>
        public void Fill(Stage stage, int channel, int output)
        {
            int depth = _middle.Length;
            ReadOnlySpan<double> weights = _sums._weights.AsSpan(channel * depth, depth),
                sizes = _sums._sizes.AsSpan(channel * depth, depth);
            double twice = TensorPrimitives.Dot(weights, _middle),
                spread = TensorPrimitives.Dot(sizes, _width);
            long bias = _sums._layer.Bias[channel];
            double scale = _sums._scale;
            stage.Argument[output] = new(
                bias + (long)(scale * ((twice - spread) / 2)),
                bias + (long)(scale * ((twice + spread) / 2)));
            stage.IsLinked[output] = true;
            double fixedPart = _hasFixed ? TensorPrimitives.Dot(weights, _fixed) : 0;
            stage.Constant[output] = bias + (scale * fixedPart);
            stage.Magnitude[output] = 2
                * ((scale * TensorPrimitives.Dot(sizes, _largest)) + Math.Abs((double)bias));
        }
    }
}

using System.Runtime.Intrinsics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>
/// Convolutions of float32 numbers, in the processor's own: every output keeps the order of its
/// sum, eight channels side by side. What was not sure is summed again the slow way.
/// </summary>
internal sealed unsafe class FloatMacStep : Step
{
    private const int Lanes = 8;

    private readonly FloatMacLayer _layer;
    private readonly StepPlace _place;
    private readonly FloatMacSum _sum;
    private readonly long[] _weights;
    private readonly FloatMacChannels _channels;
    private readonly int[] _order;

    public FloatMacStep(FloatMacLayer layer, StepPlace place)
    {
        (_layer, _place, _sum) = (layer, place, layer.Sum);
        _weights = [.. layer.Weights.Select(w => (long)w)];
        _order = [.. Enumerable.Range(0, _sum.Depth).Select(_sum.Weight)];
        _channels = new(layer, _order);
    }

    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(_layer.Inputs[0], block.Images);
        long* to = workspace.Tensor<long>(_place.OutputTensor, block.Images);
        TensorShape input = _layer.Input, output = _place.Shape;
        Door.Needs(
            _place.Inputs[0].Length == input.Length && _place.Output.Length == output.Length
                && _layer.Bias.Length == output.Channels);
        var gather = new FloatMacGather(_sum, _order, input);
        float[] met = new float[_sum.Depth];
        Span<float> values = stackalloc float[Lanes];
        for (int image = 0; image < block.Images; image++, from += input.Length)
            for (int position = 0; position < output.Positions; position++, to += output.Channels)
                for (int group = 0; group < input.Channels / _sum.Channels; group++)
                {
                    gather.Read(from, group * _sum.Channels, position, met);
                    for (int first = 0; first < _sum.Outputs; first += Lanes)
                    {
                        int channel = (group * _sum.Outputs) + first;
                        int count = Math.Min(Lanes, _sum.Outputs - first);
                        Sums(met, group, first, position, values);
                        for (int i = 0; i < count; i++)
                            to[channel + i] = Output(from, values[i], channel + i, position);
                    }
                }
    }

    /// <summary>Sums of some channels, NaN where they are not sure.</summary>
    private void Sums(float[] met, int group, int first, int position, Span<float> values)
    {
        if (_sum.Order.Products == FloatProductOrder.Fused)
        {
            _channels.Fused(met, group, first).CopyTo(values);
            return;
        }

        int positions = _place.Shape.Positions;
        for (int i = 0; i < Math.Min(Lanes, _sum.Outputs - first); i++)
        {
            int channel = (group * _sum.Outputs) + first + i;
            (int output, int outputs) = positions == 1
                ? (first + i, _sum.Outputs)
                : (position, positions);
            values[i] = _channels.Rounded(met, channel, output, outputs);
        }
    }

    /// <summary>A channel's output, its bias added where that comes last.</summary>
    private long Output(long* from, float value, int channel, int position)
    {
        int bias = _layer.Bias[channel];
        if (value == 0 || DynamicNumbers.IsSure(value))
        {
            long sum = OrderedFloat.Of(value);
            if (_sum.Order.Bias == FloatBiasPlace.First) return sum;
            if (sum == 0 || bias == 0) return sum + bias;
            float all = value + OrderedFloat.Value(bias);
            if (DynamicNumbers.IsSure(all)) return OrderedFloat.Of(all);
        }

        return _sum.At(
            new Image(from, _layer.Input), new Numbers(_weights), bias, channel, position);
    }

    private readonly struct Numbers(long[] numbers) : IFloatPlane
    {
        public long At(int place) => numbers[place];
    }

    /// <summary>An image that lies channels last, read channel by channel.</summary>
    private readonly struct Image(long* first, TensorShape shape) : IFloatPlane
    {
        public long At(int place) => first[
            (place % shape.Positions * shape.Channels) + (place / shape.Positions)];
    }
}

/// <summary>What a window meets, in the order of a sum.</summary>
/// <param name="sum">The sum.</param>
/// <param name="order">Which weight comes at each place of it.</param>
/// <param name="input">Shape of the image, which lies channels last.</param>
internal sealed unsafe class FloatMacGather(FloatMacSum sum, int[] order, TensorShape input)
{
    /// <summary>Reads one window.</summary>
    /// <param name="image">The image.</param>
    /// <param name="firstChannel">The group's first channel.</param>
    /// <param name="position">The window.</param>
    /// <param name="met">Filled.</param>
    public void Read(long* image, int firstChannel, int position, float[] met)
    {
        for (int i = 0; i < order.Length; i++)
        {
            int source = sum.Source(order[i], position);
            met[i] = source < 0
                ? 0
                : OrderedFloat.Value(image[
                    (source % input.Positions * input.Channels)
                    + firstChannel + (source / input.Positions)]);
        }
    }
}

/// <summary>The channels of a convolution of float32 numbers, eight side by side.</summary>
internal sealed class FloatMacChannels
{
    private const int Lanes = 8;

    private readonly FloatMacSum _sum;
    private readonly float[] _weights;
    private readonly float[] _starts;
    private readonly int _blocks;

    /// <param name="layer">The layer.</param>
    /// <param name="order">Which weight comes at each place of a sum.</param>
    public FloatMacChannels(FloatMacLayer layer, int[] order)
    {
        _sum = layer.Sum;
        _blocks = (_sum.Outputs + Lanes - 1) / Lanes;
        int channels = layer.Output.Shape.Channels, depth = order.Length;
        int rows = Padded(layer);
        _weights = new float[Sizes.Weights(rows, depth, 1)];
        _starts = new float[rows];
        for (int c = 0; c < channels; c++)
        {
            (int block, int lane) = Place(c / _sum.Outputs, c % _sum.Outputs);
            if (_sum.Order.Bias == FloatBiasPlace.First)
                _starts[(block * Lanes) + lane] = OrderedFloat.Value(layer.Bias[c]);
            for (int i = 0; i < depth; i++)
                _weights[(((block * depth) + i) * Lanes) + lane] =
                    OrderedFloat.Value(layer.Weights[(c * depth) + order[i]]);
        }
    }

    /// <summary>Whether all weights fit, groups filled up to whole vectors.</summary>
    public static bool Fit(FloatMacLayer layer) =>
        Sizes.Product(Sizes.MostWeights, Padded(layer), layer.Sum.Depth) is not null;

    private static int Padded(FloatMacLayer layer)
    {
        int outputs = layer.Sum.Outputs;
        int groups = layer.Output.Shape.Channels / outputs;
        return groups * ((outputs + Lanes - 1) / Lanes * Lanes);
    }

    /// <summary>Fused sums of eight channels, NaN where they are not sure.</summary>
    public Vector256<float> Fused(float[] met, int group, int first)
    {
        int block = Place(group, first).Block;
        ReadOnlySpan<float> weights = _weights.AsSpan(
            block * met.Length * Lanes, met.Length * Lanes);
        Vector256<float> all = Vector256.Create(_starts.AsSpan(block * Lanes, Lanes));
        Vector256<float> factor = Vector256.Create(OrderedFloat.Value(_sum.Order.Factor));
        Vector256<float> unsure = default;
        for (int i = 0; i < met.Length;)
        {
            Vector256<float> part = default;
            for (int end = (int)Math.Min((long)i + _sum.Order.Together, met.Length); i < end; i++)
            {
                // A product that is 0 leaves the sum, whatever it is.
                if (met[i] == 0) continue;
                Vector256<float> weight = Vector256.Create(weights.Slice(i * Lanes, Lanes));
                part = Vector256.FusedMultiplyAdd(Vector256.Create(met[i]), weight, part);
                unsure |= Unsure(part) & ~Vector256.Equals(weight, default);
            }

            Vector256<float> isNone = Vector256.Equals(part, default);
            Vector256<float> more = Vector256.FusedMultiplyAdd(part, factor, all);
            unsure |= Unsure(more) & ~isNone;
            all = Vector256.ConditionalSelect(isNone, all, more);
        }

        return Vector256.ConditionalSelect(
            Vector256.Equals(unsure, default), all, Vector256.Create(float.NaN));
    }

    /// <summary>A sum of rounded products, NaN where it is not sure.</summary>
    public float Rounded(float[] met, int channel, int output, int outputs)
    {
        (int block, int lane) = Place(channel / _sum.Outputs, channel % _sum.Outputs);
        ReadOnlySpan<float> weights = _weights.AsSpan(block * met.Length * Lanes);
        float start = _starts[(block * Lanes) + lane];
        return _sum.Order.Products == FloatProductOrder.Fours
            ? FloatProducts.InFours(met, weights, lane, Lanes, start)
            : FloatProducts.InLanes(
                met, weights, lane, Lanes, FloatProductSum.Ending(output, outputs), start);
    }

    private (int Block, int Lane) Place(int group, int output) =>
        ((group * _blocks) + (output / Lanes), output % Lanes);

    private static Vector256<float> Unsure(Vector256<float> sums)
    {
        Vector256<float> size = Vector256.Abs(sums);
        return ~(Vector256.GreaterThanOrEqual(size, Vector256.Create(DynamicNumbers.LeastSure))
            & Vector256.LessThan(size, Vector256.Create(float.MaxValue)));
    }
}

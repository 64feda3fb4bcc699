using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Simulator.Quantization;

/// <summary>
/// What each tensor of a float network holds over a set of images: its range, and its values where
/// a calibration method looks at more than the range.
/// </summary>
public sealed class CalibrationSet
{
    private const long MostKept = 256L << 20;

    private readonly FloatNetwork _network;
    private readonly ReadOnlyMemory<float> _images;
    private readonly long _mostKept;
    private readonly (float Low, float High)[] _ranges;
    private readonly Dictionary<int, float[]> _kept = [];

    private CalibrationSet(FloatNetwork network, ReadOnlyMemory<float> images, long mostKept)
    {
        (_network, _images, _mostKept) = (network, images, mostKept);
        _ranges = new (float, float)[network.Layers.Length + 1];
        new BlockForward(network).Run(images, network.Layers.Length, (tensor, _, values) =>
        {
            (float low, float high) = Range(values);
            lock (_ranges)
                _ranges[tensor] = (
                    Math.Min(_ranges[tensor].Low, low), Math.Max(_ranges[tensor].High, high));
        });
    }

    /// <summary>
    /// Runs the float network over the images; the same results whatever the number of threads.
    /// </summary>
    /// <param name="network">
    /// The network; its parameters stay as they are for as long as values are asked for.
    /// </param>
    /// <param name="images">Images one after another, values in [0, 1]; at least one.</param>
    /// <param name="mostKept">Bytes of values that are kept; one tensor's at least.</param>
    /// <exception cref="ArgumentException">
    /// The length is no positive multiple of an image's.
    /// </exception>
    public static CalibrationSet Collect(
        FloatNetwork network, ReadOnlyMemory<float> images, long mostKept = MostKept)
    {
        int length = network.Input.Length;
        if (images.IsEmpty || images.Length % length != 0)
            throw new ArgumentException(
                $"{images.Length} calibration values are not images of {network.Input}");
        return new(network, images, mostKept);
    }

    /// <summary>
    /// The least and the largest value of tensor <paramref name="index"/>, 0 among them: 0 is the
    /// input, i + 1 the output of layer i.
    /// </summary>
    public (float Low, float High) Range(int index) => _ranges[index];

    /// <summary>The least and the largest value, 0 among them.</summary>
    internal static (float Low, float High) Range(ReadOnlySpan<float> values)
    {
        float low = 0, high = 0;
        foreach (float value in values)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        return (low, high);
    }

    /// <summary>
    /// The values of tensor <paramref name="index"/>, image after image. Those that are not kept
    /// are computed again, together with as many of the following tensors as may be kept.
    /// </summary>
    public ReadOnlySpan<float> Values(int index)
    {
        if (index == 0) return _images.Span;
        if (!_kept.ContainsKey(index)) Keep(index);
        return _kept[index];
    }

    /// <summary>Lets go of the values that are kept; ranges stay.</summary>
    public void Release() => _kept.Clear();

    private void Keep(int first)
    {
        _kept.Clear();
        int count = _images.Length / _network.Input.Length, last = first;
        long bytes = 0;
        for (int t = first; t <= _network.Layers.Length; t++)
        {
            bytes += sizeof(float) * (long)count * _network.Shape(t).Length;
            if (t > first && bytes > _mostKept) break;
            _kept[last = t] = new float[Sizes.Elements(count, _network.Shape(t).Length)];
        }

        new BlockForward(_network).Run(_images, last, (tensor, image, values) =>
        {
            if (_kept.TryGetValue(tensor, out float[]? all))
                values.CopyTo(all, image * values.Length);
        });
    }
}

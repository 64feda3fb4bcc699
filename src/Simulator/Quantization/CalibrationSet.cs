using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Simulator.Quantization;

/// <summary>Every value that each tensor of a float network takes over a set of images.</summary>
public sealed class CalibrationSet
{
    private readonly float[][] _values;

    private CalibrationSet(float[][] values) => _values = values;

    /// <summary>
    /// Runs the float network over the images; deterministic whatever the thread count.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="images">Images one after another, values in [0, 1]; at least one.</param>
    /// <exception cref="ArgumentException">
    /// The length is no positive multiple of an image's.
    /// </exception>
    public static CalibrationSet Collect(FloatNetwork network, ReadOnlyMemory<float> images)
    {
        int length = network.Input.Length;
        if (images.IsEmpty || images.Length % length != 0)
            throw new ArgumentException(
                $"{images.Length} calibration values are not images of {network.Input}");
        int count = images.Length / length;
        var values = new float[network.Layers.Length + 1][];
        for (int t = 0; t < values.Length; t++)
            values[t] = new float[Sizes.Elements(count, network.Shape(t).Length)];
        Parallel.For(
            0,
            count,
            i =>
            {
                float[][] tensors = FloatForward.Run(
                    network, images.Span.Slice(i * length, length));
                for (int t = 0; t < values.Length; t++)
                    tensors[t].CopyTo(values[t], i * tensors[t].Length);
            });
        return new(values);
    }

    /// <summary>
    /// The values of tensor <paramref name="index"/>: 0 is the input, i + 1 the output of layer i.
    /// </summary>
    public ReadOnlySpan<float> Values(int index) => _values[index];
}

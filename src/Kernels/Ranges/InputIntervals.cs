using QSim.Kernels.Datapath;

namespace QSim.Kernels.Ranges;

/// <summary>The raw values that each channel of a layer's input can take.</summary>
internal sealed class InputIntervals
{
    private readonly (long Low, long High)[] _channels;

    private InputIntervals((long Low, long High)[] channels) => _channels = channels;

    /// <summary>The interval of one channel.</summary>
    public (long Low, long High) this[int channel] => _channels[channel];

    /// <summary>Anything that the type can hold.</summary>
    public static InputIntervals Any(TensorType type) =>
        new([.. Enumerable.Repeat((type.MinRaw, type.MaxRaw), type.Shape.Channels)]);

    /// <summary>What was seen, and the zero point, which padding contributes.</summary>
    /// <param name="type">The tensor's type.</param>
    /// <param name="values">
    /// Raw values, [image][channel][row][column], a whole number of images.
    /// </param>
    /// <exception cref="ArgumentException">The values are not whole images.</exception>
    public static InputIntervals Observed(TensorType type, ReadOnlySpan<long> values)
    {
        TensorShape shape = type.Shape;
        if (values.Length % shape.Length != 0)
            throw new ArgumentException(
                $"{values.Length} values are not images of {shape}", nameof(values));
        var seen = Any(type)._channels;
        Array.Fill(seen, (type.ZeroPoint, type.ZeroPoint));
        for (int i = 0; i < values.Length; i++)
        {
            ref (long Low, long High) channel = ref seen[i / shape.Positions % shape.Channels];
            channel = (Math.Min(channel.Low, values[i]), Math.Max(channel.High, values[i]));
        }

        return new(seen);
    }

    /// <summary>The least intervals that hold both, channel by channel.</summary>
    public InputIntervals Union(InputIntervals other) => new([.. _channels.Zip(
        other._channels,
        (a, b) => (Math.Min(a.Low, b.Low), Math.Max(a.High, b.High)))]);
}

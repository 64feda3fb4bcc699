using System.Collections.Immutable;
using System.Runtime.InteropServices;
using QSim.Kernels.Datapath;
using QSim.Runner.Data.Pixels;
using QSim.Simulator;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Data.Sources;

/// <summary>
/// Images in an array of numpy: <c>uint8</c>, of which 255 becomes 1, or <c>float32</c> /
/// <c>float64</c> in 0..1. Dimensions: image, row, column (grey); image, channel, row, column (as
/// PyTorch has them) or image, row, column, channel (as Keras does), whichever dimension is 1 to 4;
/// image, feature.
/// </summary>
internal static class NpzImages
{
    private const string Layouts =
        "(supported: [image, row, column], [image, channel, row, column], [image, row, column, "
            + "channel] with 1 to 4 channels, [image, feature])";

    /// <summary>What says where channels are.</summary>
    private const string Option = "--layout channels_first or channels_last";

    /// <summary>The shape of one image.</summary>
    /// <param name="array">The array.</param>
    /// <param name="bad">What is wrong with it, as an exception.</param>
    /// <param name="layout">Where the channels are; null for what the shape says.</param>
    /// <param name="option">For messages: what says it.</param>
    public static TensorShape ShapeOf(
        NpyArray array, Func<string, RequestException> bad, ChannelLayout? layout = null,
        string option = Option)
    {
        ImmutableArray<int> s = array.Shape;
        if (s.Any(extent => extent < 1)) throw bad($"shape {Text(s)} has nothing in it");
        TensorShape shape = s.Length switch
        {
            not 4 when layout is not null => throw bad(
                $"shape {Text(s)} has no channels for a layout"),
            2 => new(s[1]),
            3 => new(1, s[1], s[2]),
            4 when IsChannelsLast(s, bad, layout, option) => new(s[3], s[1], s[2]),
            4 => new(s[1], s[2], s[3]),
            _ => throw bad($"shape {Text(s)} is not that of images {Layouts}"),
        };
        return Sizes.WhyNot(shape) is { } large ? throw bad(large) : shape;
    }

    /// <summary>Pixels as [image][channel][row][column] in 0..1.</summary>
    /// <param name="array">The array.</param>
    /// <param name="bad">What is wrong with it, as an exception.</param>
    /// <param name="range">What black and white are among floats; null for 0 and 1.</param>
    /// <param name="layout">Where the channels are; null for what the shape says.</param>
    public static float[] Decode(
        NpyArray array, Func<string, RequestException> bad, PixelRange? range = null,
        ChannelLayout? layout = null)
    {
        if (range is not null && array.Type is "|u1" or "<u1")
            throw bad($"is uint8, of which 255 is white (pixel range {range} is for floats)");
        float[] values = array.Type switch
        {
            "|u1" or "<u1" => Array.ConvertAll(array.Data, v => v / 255f),
            "<f4" => MemoryMarshal.Cast<byte, float>(array.Data).ToArray(),
            "<f8" => Array.ConvertAll(array.ToReals(), v => (float)v),
            _ => throw bad(
                $"elements of type '{array.Type}' (supported: uint8, or float32 in 0..1)"),
        };
        range ??= new(0, 1);
        int outside = Array.FindIndex(values, v => range.Unit(v) is null);
        if (outside >= 0)
        {
            string found = Array.FindIndex(values, v => !float.IsFinite(v)) is var odd and >= 0
                ? FormattableString.Invariant($"value {odd} is {values[odd]}")
                : FormattableString.Invariant(
                    $"value {outside} is {values[outside]}, all are {values.Min():R} to ")
                    + FormattableString.Invariant($"{values.Max():R}");
            throw bad(
                $"{found} (supported: {range.Low:R}..{range.High:R} for floats; other values of "
                    + "black and white with --pixel-range BLACK,WHITE, in a study pixel_range)");
        }

        for (int i = 0; i < values.Length; i++) values[i] = range.Unit(values[i])!.Value;

        return InOrder(values, array.Shape, bad, layout);
    }

    /// <summary>Values of an array as [image][channel][row][column].</summary>
    private static float[] InOrder(
        float[] values, ImmutableArray<int> shape, Func<string, RequestException> bad,
        ChannelLayout? layout = null) =>
        shape.Length == 4 && IsChannelsLast(shape, bad, layout)
            ? ToChannelsFirst(values, shape)
            : values;

    /// <summary>A shape as numpy prints it.</summary>
    public static string Text(ImmutableArray<int> shape) => $"({Brief.List(shape)})";

    /// <summary>
    /// 1 or 3 channels are where they can only be; else 2 or 4, which rows and columns may be, too.
    /// </summary>
    public static bool IsChannelsLast(
        ImmutableArray<int> s, Func<string, RequestException> bad, ChannelLayout? layout = null,
        string option = Option)
    {
        if (layout is { } said) return said == ChannelLayout.ChannelsLast;
        (bool First, bool Last) common = (s[1] is 1 or 3, s[3] is 1 or 3);
        (bool First, bool Last) found =
            common is (false, false) ? (s[1] is 2 or 4, s[3] is 2 or 4) : common;
        return found switch
        {
            (true, false) => false,
            (false, true) => true,
            (true, true) => throw bad(
                $"shape {Text(s)}: either the second or the last dimension may be the channels "
                    + $"({option} says which)"),
            _ => throw bad(
                $"shape {Text(s)} has no dimension of 1 to 4 channels {Layouts}; {option} says "
                    + "where more are"),
        };
    }

    private static float[] ToChannelsFirst(float[] values, ImmutableArray<int> s)
    {
        int positions = s[1] * s[2], channels = s[3];
        var result = new float[values.Length];
        for (int image = 0; image < s[0]; image++)
        {
            int start = image * positions * channels;
            for (int p = 0; p < positions; p++)
                for (int c = 0; c < channels; c++)
                    result[start + (c * positions) + p] = values[start + (p * channels) + c];
        }

        return result;
    }
}

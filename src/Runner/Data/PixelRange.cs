using System.Globalization;
using QSim.Simulator.Networks;

namespace QSim.Runner.Data;

/// <summary>
/// What black and white are in somebody's float images, where that is not 0 and 1. QSim works on
/// pixels in 0..1: images are mapped there, and a network that takes them as they were gets the way
/// back as its first layer. Budgets are shares of the range.
/// </summary>
/// <param name="Low">Black.</param>
/// <param name="High">White.</param>
internal sealed record PixelRange(double Low, double High)
{
    private const double Most = 1e6;

    /// <summary>Whether it is 0 to 1, which needs no mapping.</summary>
    public bool IsUnit => this is { Low: 0, High: 1 };

    /// <summary>Reads two numbers.</summary>
    /// <exception cref="RequestException">They are no such pair.</exception>
    public static PixelRange Parse(IReadOnlyList<string> values)
    {
        double[] numbers = [.. values.Select(v =>
            double.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out double n)
                ? n
                : double.NaN)];
        return numbers is [>= -Most and <= Most, >= -Most and <= Most] && numbers[0] < numbers[1]
            ? new(numbers[0], numbers[1])
            : throw new RequestException(
                $"pixel range {string.Join(",", values)} (supported: black and white, as in -1,1 "
                    + "or 0,255)");
    }

    /// <summary>A value in 0..1; null where it is outside of the range.</summary>
    public float? Unit(float value) =>
        value >= (float)Low && value <= (float)High
            ? (float)Math.Clamp((value - Low) / (High - Low), 0, 1)
            : null;

    /// <summary>The network for images in 0..1, of one for images in this range.</summary>
    public FloatNetwork Before(FloatNetwork network)
    {
        int channels = network.Input.Channels;
        return PixelAffine.Before(
            network, "pixel_range", [.. Enumerable.Repeat(High - Low, channels)],
            [.. Enumerable.Repeat(Low, channels)]);
    }

    /// <summary>As it is written, for keys by content.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Low:R},{High:R}");
}

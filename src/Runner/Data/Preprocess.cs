using System.Globalization;
using System.Text.Json.Serialization;
using QSim.Runner.Data.Pixels;
using QSim.Simulator.Networks;

namespace QSim.Runner.Data;

/// <summary>
/// What somebody's own code does to images before a network. Sizes, crops and the channels' order
/// change the images themselves (<see cref="Images"/>); then, as torchvision's ToTensor and
/// Normalize or Keras' preprocess_input, <c>(pixel * Scale - Mean) / Std</c> becomes the network's
/// first layer, so attacks see through it and budgets stay those of pixels in 0..1.
/// </summary>
internal sealed record Preprocess
{
    private const double Most = 1e6;

    /// <summary>
    /// What white is to the mean and the deviation: 1, or 255 where they are in bytes.
    /// </summary>
    public double Scale { get; init; } = 1;

    /// <summary>One number, or one per channel.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0];

    /// <summary>One number, or one per channel.</summary>
    public IReadOnlyList<double> Std { get; init; } = [1];

    /// <summary>What is done to the images first; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImageGeometry? Images { get; init; }

    /// <summary>Whether numbers change, and not only the images' sizes and order.</summary>
    [JsonIgnore]
    public bool HasNumbers => Scale != 1 || Mean.Any(m => m != 0) || Std.Any(s => s != 1);

    /// <summary>The same, or null where it changes nothing.</summary>
    public Preprocess? OrNone() => Images is null or { IsNone: true }
        ? HasNumbers ? this with { Images = null } : null
        : this;

    /// <summary>Reads numbers.</summary>
    /// <param name="key">What they are, for messages.</param>
    /// <param name="values">What was written.</param>
    /// <param name="isPositive">Whether they have to be above 0.</param>
    /// <exception cref="RequestException">They are none, or out of bounds.</exception>
    public static IReadOnlyList<double> Numbers(
        string key, IReadOnlyList<string> values, bool isPositive)
    {
        double[] numbers = [.. values.Select(v => double.TryParse(
            v, NumberStyles.Float, CultureInfo.InvariantCulture, out double n)
            ? n
            : double.NaN)];
        return numbers.All(n => n is >= -Most and <= Most && (!isPositive || n >= 1 / Most))
            ? numbers
            : throw new RequestException(
                $"{key} {string.Join(",", values)} (supported: one number, or one per channel"
                    + (isPositive ? ", above 0)" : ")"));
    }

    /// <summary>The network for images in 0..1, of one for images that this was done to.</summary>
    /// <exception cref="RequestException">
    /// There are several numbers, but not one per channel.
    /// </exception>
    public FloatNetwork Before(FloatNetwork network)
    {
        double[] mean = PerChannel("pixel mean", Mean, network),
            std = PerChannel("pixel std", Std, network);
        return PixelAffine.Before(
            network, "preprocess", [.. std.Select(s => Scale / s)],
            [.. mean.Zip(std, (m, s) => -m / s)]);
    }

    /// <summary>As it is written, for keys by content.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Scale:R};{string.Join(",", Mean.Select(Exact))};{string.Join(",", Std.Select(Exact))}");

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static double[] PerChannel(
        string what, IReadOnlyList<double> numbers, FloatNetwork network)
    {
        int channels = network.Input.Channels;
        return numbers.Count == channels ? [.. numbers]
            : numbers is [var one] ? [.. Enumerable.Repeat(one, channels)]
            : throw new RequestException(
                $"{what}: {numbers.Count} numbers for images of {channels} channels (supported: "
                    + "one, or one per channel)");
    }
}

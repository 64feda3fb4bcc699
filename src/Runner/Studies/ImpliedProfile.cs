using System.Globalization;
using System.Numerics;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Runner.Studies;

/// <summary>The profile that a quantized network implies.</summary>
internal static class ImpliedProfile
{
    private const string AccumulatorBits = "mac.accumulator.bits";

    /// <summary>The widest accumulator; sums of more bits are refused by their layer.</summary>
    private const int MostBits = 64;

    /// <summary>What the format has for sums of 8-bit products, and for biases.</summary>
    private const int LeastBits = 32;

    /// <summary>
    /// Reads a profile; of <see cref="ProfileReader.FromModel"/> accumulators have room for the
    /// sums of the network's own weights and activations, as 16-bit ones need more than 32 bits.
    /// </summary>
    /// <param name="reference">What the user wrote.</param>
    /// <param name="network">Null where it is not known yet.</param>
    /// <param name="overrides">Keys to set on top.</param>
    public static HardwareProfile Read(
        string reference, FloatNetwork? network, params IEnumerable<ProfileOverride> overrides) =>
        ProfileReader.Read(
            reference,
            reference == ProfileReader.FromModel && network is not null
                ? [.. Sums(network), .. overrides]
                : overrides);

    private static IEnumerable<ProfileOverride> Sums(FloatNetwork network)
    {
        int activation = network.Layers.OfType<FakeQuantizeLayer>()
            .Select(l => Bits(l.Quantizer.Target.Min, l.Quantizer.Target.Max))
            .Append(1).Max();
        int bits = network.Layers
            .Select((layer, i) => OwnWeights.Of(layer) is { } own
                ? activation + own.Bits + Log2(own.Raw.Length / network.Shape(i + 1).Channels)
                : 0)
            .Append(0).Max();
        // One more for the bias, which is one more term.
        return bits < LeastBits
            ? []
            :
            [
                new("name", ProfileReader.FromModel),
                new(
                    AccumulatorBits,
                    Math.Min(bits + 1, MostBits).ToString(CultureInfo.InvariantCulture)),
            ];
    }

    private static int Bits(long low, long high) => Log2(high - low + 1);

    private static int Log2(long count) => 64 - BitOperations.LeadingZeroCount((ulong)count - 1);
}

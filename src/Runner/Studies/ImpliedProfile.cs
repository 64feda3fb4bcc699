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
    /// Reads a profile; of <see cref="ProfileReader.FromModel"/> units multiply the network's own
    /// integers, be they of 8 bits or not, and accumulators have room for their sums, as 16-bit
    /// ones need more than 32 bits.
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

    private static ProfileOverride[] Sums(FloatNetwork network)
    {
        int activation = network.Layers.OfType<FakeQuantizeLayer>()
            .Select(l => Bits(l.Quantizer.Target.Min, l.Quantizer.Target.Max))
            .Append(1).Max();
        int bits = network.Layers
            .Select((layer, i) => OwnWeights.Of(layer) is { } own
                ? activation + own.Bits + Log2(own.Raw.Length / network.Shape(i + 1).Channels)
                : 0)
            .Append(0).Max();
        if (!network.Layers.Any(l => FloatMac.Of(l) is not null && OwnWeights.Of(l) is not null))
            return [];
        // One more for the bias, which is one more term.
        return
        [
            new("name", ProfileReader.FromModel), new("mac.operands", "any"),
            new(
                AccumulatorBits,
                Math.Clamp(bits + 1, LeastBits, MostBits).ToString(CultureInfo.InvariantCulture)),
        ];
    }

    private static int Bits(long low, long high) => Log2(high - low + 1);

    private static int Log2(long count) => 64 - BitOperations.LeadingZeroCount((ulong)count - 1);
}

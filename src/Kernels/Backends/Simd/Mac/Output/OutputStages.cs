using QSim.Kernels.Backends.Simd.Mac.Events;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>Chooses the requantization loop.</summary>
internal static class OutputStages
{
    /// <summary>The fastest requantization of 32-bit accumulators into 16-bit storage.</summary>
    /// <param name="shape">The layer's sizes.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="accumulators">Every accumulator.</param>
    public static OutputStage<int> Of(MacShape shape, StepPlace place, ExactRange accumulators)
    {
        Requantization[] channels = [.. shape.Layer.Requantization];
        var scalar = new ScalarOutput<int, short>(shape, place);
        if (Real<ScaledToEven>(shape, place, channels) is { } even) return even;
        if (Real<ScaledUp>(shape, place, channels) is { } up) return up;
        if (Real<OnceToEven>(shape, place, channels) is { } once) return once;
        if (OutputScaling.Of(channels) is not { } scaling
            || !scaling.Fits(accumulators, channels, 64))
            return scalar;
        if (scaling.Second is null && scaling.Fits(accumulators, channels, 32))
            return new IntOutput(
                shape, place, scaling, channels,
                TileEvents.Of(
                    shape, place, new ScaledEvents<int>(shape.GroupChannels, scaling, channels)));
        var events = TileEvents.Of(
            shape, place, new ScaledEvents<long>(shape.GroupChannels, scaling, channels));
        return MultiplierOutput.Supports(channels, scaling, accumulators)
            ? new MultiplierOutput(shape, place, channels, events)
            : new LongOutput(
                shape, place, new(scaling, channels, place.Output.Offset), events);
    }

    private static RealOutput<TRule>? Real<TRule>(
        MacShape shape, StepPlace place, Requantization[] channels)
        where TRule : struct, IRealRule => RealRules.Supports<TRule>(channels)
        ? new(
            shape, place, channels,
            TileEvents.Of(shape, place, new RealEvents<TRule>(shape, channels)))
        : null;
}

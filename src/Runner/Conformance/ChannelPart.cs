using System.Collections.Immutable;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Conformance;

/// <summary>A number of a requantization that is an array over output channels in npz.</summary>
/// <param name="Name">The array's, behind the layer's.</param>
/// <param name="IsReal">Whether it is float32, and not an integer of 32 bits.</param>
/// <param name="Get">The number.</param>
/// <param name="Set">The requantization with another one.</param>
/// <param name="Kinds">Kinds that use it; it is 0 in others, and has no array.</param>
internal sealed record ChannelPart(
    string Name, bool IsReal, Func<Requantization, double> Get,
    Func<Requantization, double, Requantization> Set, params RequantizationKind[] Kinds)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ChannelPart> All { get; } =
    [
        new(
            "multiplier", false, r => r.Multiplier, (r, v) => r with { Multiplier = (int)v },
            RequantizationKind.MultiplierDouble, RequantizationKind.MultiplierSingle),
        new(
            "multiplier_shift", false, r => r.MultiplierShift,
            (r, v) => r with { MultiplierShift = (int)v },
            RequantizationKind.MultiplierDouble, RequantizationKind.MultiplierSingle),
        new(
            "shift", false, r => r.Output.Shift,
            (r, v) => r with { Output = r.Output with { Shift = (int)v } },
            RequantizationKind.Shift),
        new(
            "real_scale", true, r => r.RealScale, (r, v) => r with { RealScale = (float)v },
            RequantizationKind.Real, RequantizationKind.RealOnce),
        new(
            "real_bias", true, r => r.RealBias, (r, v) => r with { RealBias = (float)v },
            RequantizationKind.RealOnce),
    ];

    /// <summary>Whether a requantization's kind uses it.</summary>
    public bool IsUsed(Requantization one) => Kinds.Contains(one.Kind);

    /// <summary>The array, a number for each channel.</summary>
    public NpyArray Of(ImmutableArray<Requantization> channels) => IsReal
        ? NpyArray.Of((float[])[.. channels.Select(r => (float)Get(r))], channels.Length)
        : NpyArray.Of([.. channels.Select(r => (long)Get(r))], channels.Length);

    /// <summary>The channels with what an array says; it may be left out of unused ones.</summary>
    /// <exception cref="InvalidDataException">It lacks, or holds something else.</exception>
    public ImmutableArray<Requantization> Read(
        ImmutableArray<Requantization> channels, string array, NamedArrays arrays)
    {
        if (!IsUsed(channels[0]) && !arrays.Has(array)) return channels;
        double[] values = IsReal
            ? [.. arrays.Floats(array, channels.Length)]
            : [.. arrays.Ints(array, channels.Length)];
        return [.. channels.Select((r, c) => Set(r, values[c]))];
    }
}

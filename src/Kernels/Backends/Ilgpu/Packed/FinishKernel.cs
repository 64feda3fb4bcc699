using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>What the finish kernel is compiled for.</summary>
/// <param name="Mac">The datapath's modes.</param>
/// <param name="Single">1 when there is one update.</param>
/// <param name="Checks">1 when a sum is only good within its bounds.</param>
internal readonly record struct FinishModes(MacModes Mac, int Single, int Checks);

/// <summary>
/// From exact sums to outputs, one thread per output. Where sum and bound do not prove that no step
/// can leave the accumulator's range, the bound is marked: <see cref="FourMacKernel"/> goes through
/// the reduction step by step there.
/// </summary>
internal static class FinishKernel
{
    /// <summary>One output.</summary>
    /// <param name="index">channel * columns + column: as sums lie.</param>
    /// <param name="exact">What the product gave.</param>
    /// <param name="from">Bias and requantization.</param>
    /// <param name="to">What it fills.</param>
    /// <param name="sizes">The layer's sizes.</param>
    /// <param name="key">Of the random bits.</param>
    /// <param name="modes">What the kernel is compiled for.</param>
    public static void Run(
        Index1D index, ExactSums exact, MacOperands from, LayerResults to, MacSizes sizes,
        RunKey key, SpecializedValue<FinishModes> modes) =>
        Compute(index, exact, from, to, sizes, key, modes.Value);

    /// <summary>The same for modes that are constants where it is inlined.</summary>
    public static void Compute(
        Index1D index, ExactSums exact, MacOperands from, LayerResults to, MacSizes sizes,
        RunKey key, FinishModes modes)
    {
        int positions = sizes.Window.ToPositions;
        int channel = index / exact.Columns;
        int column = index % exact.Columns;
        WindowPlace place = sizes.Window.Element(
            column / positions, channel, column % positions);
        long sum = exact.Sums[index];
        long start = from.Bias[place.Channel];
        if (modes.Checks == 1 && !StaysInRange(sum, exact.Bounds[index], start, modes.Mac))
        {
            exact.Bounds[index] = ExactSums.Marked;
            return;
        }

        var updateEvents = ConversionEvents.None;
        var outputEvents = ConversionEvents.None;
        int at = (place.Image * sizes.Window.ToLength) + place.Element;
        to.Output[at] = (int)Output(
            sum, from, place, key, modes, ref updateEvents, ref outputEvents);
        if (modes.Mac.Events == 0) return;
        to.Events[at] = EventFlags.Of(EventStage.Accumulator, updateEvents)
            | EventFlags.Of(EventStage.Output, outputEvents);
    }

    /// <summary>The raw output of an exact sum that is known to be good.</summary>
    internal static long Output(
        long sum, MacOperands from, WindowPlace place, RunKey key, FinishModes modes,
        ref ConversionEvents updateEvents, ref ConversionEvents outputEvents)
    {
        long start = from.Bias[place.Channel];
        long accumulator = Accumulate(sum, start, place, key, modes, ref updateEvents);
        return MacKernel.Requantize(
            accumulator, from.Requantization[place.Channel], place, key, modes.Mac,
            ref outputEvents);
    }

    /// <summary>
    /// One conversion of the sum; a bias that comes last is an update of its own where steps count.
    /// </summary>
    private static long Accumulate(
        long sum, long start, WindowPlace place, RunKey key, FinishModes modes,
        ref ConversionEvents events)
    {
        MacModes mac = modes.Mac;
        long bias = start << mac.AccumulatorAlign;
        long products = sum << mac.PartialAlign;
        if (modes.Single == 0 || mac.BiasLast == 0)
            return MacKernel.Update(bias + products, 0, place, key, mac, ref events);
        long first = MacKernel.Update(products, 0, place, key, mac, ref events);
        return MacKernel.Update(
            (first << mac.AccumulatorAlign) + bias, 1, place, key, mac, ref events);
    }

    /// <summary>
    /// True when the sum of the positive terms and the sum of the negative terms, each with the
    /// bias where that makes it worse, are in range: then no order of them can leave it.
    /// </summary>
    private static bool StaysInRange(long sum, long magnitudes, long start, MacModes mac)
    {
        int steps = mac.PartialAlign - mac.Update.Shift;
        long highest = ((magnitudes + sum) / 2) << steps;
        long lowest = ((sum - magnitudes) / 2) << steps;
        return highest + (start > 0 ? start : 0) <= mac.Update.Max
            && lowest + (start < 0 ? start : 0) >= Overflow.LowestKept(mac.Update);
    }
}

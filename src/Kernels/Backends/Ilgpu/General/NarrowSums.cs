using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Four whole numbers that lie side by side and are read at once.</summary>
/// <param name="A">The first.</param>
/// <param name="B">The second.</param>
/// <param name="C">The third.</param>
/// <param name="D">The last.</param>
internal readonly record struct FourInts(int A, int B, int C, int D);

/// <summary>
/// <see cref="MacSum"/> in 32 bits: one output's sum on its way through the reduction. Blittable.
/// </summary>
/// <param name="Accumulator">The accumulator's raw value.</param>
/// <param name="Partial">Products since the last update.</param>
/// <param name="Inexact">Other than 0 once an update dropped a bit that was set.</param>
/// <param name="Overflowed">Other than 0 once an update left the range.</param>
internal readonly record struct NarrowSum(
    int Accumulator, int Partial, int Inexact, int Overflowed)
{
    /// <summary>Before the first step.</summary>
    public static NarrowSum Begin(long bias, MacModes modes) =>
        new(modes.BiasLast == 0 ? (int)bias : 0, 0, 0, 0);

    /// <summary>One product more.</summary>
    public NarrowSum Multiply(int x, int weight) =>
        new(Accumulator, Partial + (x * weight), Inexact, Overflowed);

    /// <summary>One update of the accumulator.</summary>
    public NarrowSum Accumulate(NarrowModes modes) => Update(
        (Accumulator << modes.Update.AccumulatorAlign) + (Partial << modes.Update.PartialAlign),
        modes);

    /// <summary>A bias that comes last, then the output.</summary>
    public void Store(
        int index, MacOperands from, LayerResults to, WindowPlace place, RunKey key,
        NarrowModes modes)
    {
        MacModes mac = modes.Mac;
        NarrowSum sum = this;
        if (mac.BiasLast == 1)
        {
            int align = modes.Update.AccumulatorAlign;
            sum = Update(
                (Accumulator << align) + ((int)from.Bias[place.Channel] << align), modes);
        }

        var outputs = ConversionEvents.None;
        to.Output[index] = (int)MacKernel.Requantize(
            sum.Accumulator, from.Requantization[place.Channel], place, key, mac, ref outputs);
        if (mac.Events == 0) return;
        var updates = ConversionEvents.None;
        if (sum.Inexact != 0) updates |= ConversionEvents.Inexact;
        if (sum.Overflowed != 0) updates |= ConversionEvents.Overflowed;
        to.Events[index] = EventFlags.Of(EventStage.Accumulator, updates)
            | EventFlags.Of(EventStage.Output, outputs);
    }

    private NarrowSum Update(int sum, NarrowModes modes)
    {
        NarrowUpdate update = modes.Update;
        int rounded = update.Round(sum), fitted = update.Fit(rounded);
        return modes.Mac.Events == 0
            ? new(fitted, 0, 0, 0)
            : new(fitted, 0, Inexact | update.Dropped(sum), Overflowed | (rounded ^ fitted));
    }
}

/// <summary>Those of four filters at one position.</summary>
/// <param name="A">The first filter's.</param>
/// <param name="B">The second's.</param>
/// <param name="C">The third's.</param>
/// <param name="D">The fourth's.</param>
internal readonly record struct FourNarrowSums(
    NarrowSum A, NarrowSum B, NarrowSum C, NarrowSum D)
{
    /// <summary>One product more for each.</summary>
    public FourNarrowSums Multiply(int x, FourInts weights) => new(
        A.Multiply(x, weights.A), B.Multiply(x, weights.B), C.Multiply(x, weights.C),
        D.Multiply(x, weights.D));

    /// <summary>One update of each accumulator.</summary>
    public FourNarrowSums Accumulate(NarrowModes modes) => new(
        A.Accumulate(modes), B.Accumulate(modes), C.Accumulate(modes), D.Accumulate(modes));
}

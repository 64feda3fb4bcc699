using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Sizes of a multiply-accumulate layer. Blittable.</summary>
/// <param name="Window">The window.</param>
/// <param name="Depth">Products per output.</param>
/// <param name="Lanes">Products per update.</param>
/// <param name="Padding">What padding contributes.</param>
/// <param name="InputOffset">Subtracted from every input.</param>
public readonly record struct MacSizes(
    WindowShape Window, int Depth, int Lanes, int Padding, int InputOffset);

/// <summary>
/// Convolution and dense layers on any datapath: one thread per output, the reduction in hardware
/// order, with the arithmetic of the CPU.
/// </summary>
public static class MacKernel
{
    /// <summary>One output.</summary>
    /// <param name="index">(image * channels + channel) * positions + position.</param>
    /// <param name="from">What it reads.</param>
    /// <param name="to">What it fills.</param>
    /// <param name="sizes">The layer's sizes.</param>
    /// <param name="key">Of the random bits.</param>
    /// <param name="modes">What the kernel is compiled for.</param>
    public static void Run(
        Index1D index, MacOperands from, LayerResults to, MacSizes sizes, RunKey key,
        SpecializedValue<MacModes> modes) =>
        Compute(index, from, to, sizes, key, modes.Value);

    /// <summary>The same for modes that are constants where it is inlined.</summary>
    public static void Compute(
        Index1D index, MacOperands from, LayerResults to, MacSizes sizes, RunKey key,
        MacModes modes)
    {
        WindowPlace place = sizes.Window.Place(index);
        WindowWalk walk = place.Origin;
        var productEvents = ConversionEvents.None;
        var updateEvents = ConversionEvents.None;
        var outputEvents = ConversionEvents.None;
        long start = from.Bias[place.Channel];
        long accumulator = modes.BiasLast == 0 ? start : 0;
        int update = 0;
        for (int first = 0; first < sizes.Depth; first += sizes.Lanes)
        {
            long partial = 0;
            int end =
                modes.OneLane == 1
                    ? first + 1
                    : IntrinsicMath.Min(first + sizes.Lanes, sizes.Depth);
            for (int step = first; step < end; step++)
            {
                walk = walk.Step(from.Taps[step]);
                long x = Raw.Load(from.Input[walk.Inside(from.Input.Length)], modes.InputSigned);
                if (!sizes.Window.Holds(walk))
                    x = sizes.Padding;
                long product =
                    (x - sizes.InputOffset)
                    * from.Weights[(step * sizes.Window.ToChannels) + place.Channel];
                if (modes.ConvertsProducts == 1)
                {
                    ulong bits = key.Random(
                        modes.Product.Rounding, EventStage.Product, place.Image, place.Element,
                        step);
                    product = Conversion.Convert(product, modes.Product, ref productEvents, bits);
                }

                partial += product;
            }

            long sum = (accumulator << modes.AccumulatorAlign) + (partial << modes.PartialAlign);
            accumulator = Update(sum, update++, place, key, modes, ref updateEvents);
        }

        if (modes.BiasLast == 1)
        {
            long sum = (accumulator << modes.AccumulatorAlign) + (start << modes.AccumulatorAlign);
            accumulator = Update(sum, update, place, key, modes, ref updateEvents);
        }

        to.Output[index] = (int)Requantize(
            accumulator, from.Requantization[place.Channel], place, key, modes, ref outputEvents);
        if (modes.Events == 0) return;
        to.Events[index] = EventFlags.Of(EventStage.Product, productEvents)
            | EventFlags.Of(EventStage.Accumulator, updateEvents)
            | EventFlags.Of(EventStage.Output, outputEvents);
    }

    internal static long Update(
        long sum, int update, WindowPlace place, RunKey key, MacModes modes,
        ref ConversionEvents events)
    {
        ulong bits = key.Random(
            modes.Update.Rounding, EventStage.Accumulator, place.Image, place.Element, update);
        return Conversion.Convert(sum, modes.Update, ref events, bits);
    }

    internal static long Requantize(
        long accumulator,
        Requantization channel,
        WindowPlace place,
        RunKey key,
        MacModes modes,
        ref ConversionEvents events)
    {
        Requantization spec = modes.Specialize(channel);
        ulong bits = key.Random(
            spec.Output.Rounding, EventStage.Output, place.Image, place.Element);
        return Requantizer.Requantize(accumulator, spec, ref events, bits);
    }
}

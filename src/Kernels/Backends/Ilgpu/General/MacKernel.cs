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
internal readonly record struct MacSizes(
    WindowShape Window, int Depth, int Lanes, int Padding, int InputOffset)
{
    /// <summary>The step after the last of the update that a step begins.</summary>
    public int EndOfUpdate(int first, MacModes modes) =>
        modes.OneLane == 1 ? first + 1 : IntrinsicMath.Min(first + Lanes, Depth);
}

/// <summary>
/// Convolution and dense layers on any datapath: one thread per output, the reduction in hardware
/// order, with the arithmetic of the CPU.
/// </summary>
internal static class MacKernel
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
        var sum = MacSum.Begin(from.Bias[place.Channel], modes);
        int update = 0;
        for (int first = 0; first < sizes.Depth; first += sizes.Lanes)
        {
            int end = sizes.EndOfUpdate(first, modes);
            for (int step = first; step < end; step++)
            {
                walk = walk.Step(from.Taps[step]);
                long x = Operand(from.Input, walk, sizes, modes);
                int weight = from.Weights[(step * sizes.Window.ToChannels) + place.Channel];
                sum = sum.Multiply(x, weight, step, place, key, modes);
            }

            sum = sum.Accumulate(update++, place, key, modes);
        }

        sum.Store(index, from, to, update, place, key, modes);
    }

    /// <summary>What the multipliers take at one step: padding outside of the image.</summary>
    internal static long Operand(
        ArrayView<int> input, WindowWalk walk, MacSizes sizes, MacModes modes)
    {
        int bits = input[walk.Inside(input.Length)];
        bool holds = sizes.Window.Holds(walk);
        if (modes.Narrow == 1) return (holds ? bits : sizes.Padding) - sizes.InputOffset;
        long x = holds ? Raw.Load(bits, modes.InputSigned) : sizes.Padding;
        return x - sizes.InputOffset;
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

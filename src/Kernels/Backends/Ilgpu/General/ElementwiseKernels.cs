using ILGPU;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Where one input's elements go in the output. Blittable.</summary>
/// <param name="InputSigned">1 when raw inputs may be negative.</param>
/// <param name="InputLength">Values per image of the input.</param>
/// <param name="OutputLength">Values per image of the output.</param>
/// <param name="Offset">Where the input begins in an output image.</param>
/// <param name="Events">1 when events are written.</param>
internal readonly record struct ElementSpec(
    int InputSigned, int InputLength, int OutputLength, int Offset, int Events);

/// <summary>What a sum of two tensors needs besides data. Blittable.</summary>
/// <param name="Length">Values per image.</param>
/// <param name="FirstSigned">1 when raw values of the first may be negative.</param>
/// <param name="SecondSigned">The same for the second.</param>
/// <param name="First">The first to the common scale.</param>
/// <param name="Second">The second to the common scale.</param>
/// <param name="Real">The sum in float32, where it is used.</param>
/// <param name="Events">1 when events are written.</param>
internal readonly record struct PairSpec(
    int Length, int FirstSigned, int SecondSigned, InputScaling First, InputScaling Second,
    RealSum Real, int Events);

/// <summary>Layers that work value by value, one thread per input value.</summary>
internal static class ElementwiseKernels
{
    public static void Clamp(
        Index1D index, ArrayView<int> input, ArrayView<int> output, ElementSpec spec, long min,
        long max)
    {
        long x = Raw.Load(input[index], spec.InputSigned);
        output[index] = (int)(x < min ? min : x > max ? max : x);
    }

    /// <summary>A table.</summary>
    public static void Lookup(
        Index1D index,
        ArrayView<int> input,
        ArrayView<int> table,
        ArrayView<int> output,
        ArrayView<int> events,
        ElementSpec spec,
        TableIndex address,
        ConversionSpec conversion,
        RunKey key)
    {
        long x = Raw.Load(input[index], spec.InputSigned);
        long entry = table[address.Of(x, (int)table.Length)];
        var met = ConversionEvents.None;
        int element = index % spec.OutputLength;
        ulong bits = key.Random(
            conversion.Rounding, EventStage.Output, index / spec.OutputLength, element);
        output[index] = (int)Conversion.Convert(entry, conversion, ref met, bits);
        if (spec.Events == 1) events[index] = EventFlags.Of(EventStage.Output, met);
    }

    /// <summary>
    /// One operand of a sum, brought to the common scale and added to those before it.
    /// </summary>
    /// <param name="index">Which value.</param>
    /// <param name="input">The operand.</param>
    /// <param name="sums">What came before, and the result.</param>
    /// <param name="events">What came before, and the result.</param>
    /// <param name="spec">Sizes; an offset other than 0 is not for sums.</param>
    /// <param name="scaling">To the common scale.</param>
    /// <param name="isFirst">1 when nothing came before.</param>
    public static void AddScaled(
        Index1D index,
        ArrayView<int> input,
        ArrayView<long> sums,
        ArrayView<int> events,
        ElementSpec spec,
        InputScaling scaling,
        int isFirst)
    {
        var met = ConversionEvents.None;
        long value = scaling.Apply(Raw.Load(input[index], spec.InputSigned), ref met);
        sums[index] = isFirst == 1 ? value : sums[index] + value;
        if (spec.Events == 0) return;
        int flags = EventFlags.Of(EventStage.Output, met);
        events[index] = isFirst == 1 ? flags : events[index] | flags;
    }

    /// <summary>A sum of two tensors, in one pass.</summary>
    public static void AddTwo(
        Index1D index, ArrayView<int> first, ArrayView<int> second, LayerResults to, PairSpec spec,
        Requantization requantization, RunKey key)
    {
        var met = ConversionEvents.None;
        long a = Raw.Load(first[index], spec.FirstSigned);
        long b = Raw.Load(second[index], spec.SecondSigned);
        long sum = spec.Real.IsUsed == 1
            ? spec.Real.Of(a, b, ref met)
            : spec.First.Apply(a, ref met) + spec.Second.Apply(b, ref met);
        ulong bits = key.Random(
            requantization.Output.Rounding, EventStage.Output, index / spec.Length,
            index % spec.Length);
        to.Output[index] = (int)Requantizer.Requantize(sum, requantization, ref met, bits);
        if (spec.Events == 1) to.Events[index] = EventFlags.Of(EventStage.Output, met);
    }

    /// <summary>A sum from the common scale to the output.</summary>
    public static void RequantizeSum(
        Index1D index,
        ArrayView<long> sums,
        ArrayView<int> output,
        ArrayView<int> events,
        ElementSpec spec,
        Requantization requantization,
        RunKey key)
    {
        var met = ConversionEvents.None;
        int element = index % spec.OutputLength;
        ulong bits = key.Random(
            requantization.Output.Rounding, EventStage.Output, index / spec.OutputLength, element);
        output[index] = (int)Requantizer.Requantize(sums[index], requantization, ref met, bits);
        if (spec.Events == 1) events[index] |= EventFlags.Of(EventStage.Output, met);
    }

    /// <summary>One input of a concatenation.</summary>
    public static void Concatenate(
        Index1D index,
        ArrayView<int> input,
        ArrayView<int> output,
        ArrayView<int> events,
        ElementSpec spec,
        ConcatPart part,
        RunKey key)
    {
        var met = ConversionEvents.None;
        int image = index / spec.InputLength;
        int element = (index % spec.InputLength) + spec.Offset;
        long scaled = part.Scaling.Apply(Raw.Load(input[index], spec.InputSigned), ref met);
        ulong bits = key.Random(
            part.Requantization.Output.Rounding, EventStage.Output, image, element);
        int target = (image * spec.OutputLength) + element;
        output[target] = (int)Requantizer.Requantize(scaled, part.Requantization, ref met, bits);
        if (spec.Events == 1) events[target] = EventFlags.Of(EventStage.Output, met);
    }

    /// <summary>Values moved; one thread per output value.</summary>
    /// <param name="index">Which output value.</param>
    /// <param name="input">What is moved.</param>
    /// <param name="sources">By output value of an image; -1 for the zero point.</param>
    /// <param name="output">Where to.</param>
    /// <param name="spec">Sizes.</param>
    /// <param name="zeroPoint">The zero point.</param>
    public static void Rearrange(
        Index1D index, ArrayView<int> input, ArrayView<int> sources, ArrayView<int> output,
        ElementSpec spec, int zeroPoint)
    {
        int source = sources[index % spec.OutputLength];
        int first = index / spec.OutputLength * spec.InputLength;
        output[index] = source < 0 ? zeroPoint : input[first + source];
    }

    /// <summary>
    /// A product of two tensors; the scalings' zero points are subtracted, their factors unused.
    /// </summary>
    public static void Multiply(
        Index1D index, ArrayView<int> first, ArrayView<int> second, LayerResults to, PairSpec spec,
        Requantization requantization, RunKey key)
    {
        var met = ConversionEvents.None;
        long product = (Raw.Load(first[index], spec.FirstSigned) - spec.First.ZeroPoint)
            * (Raw.Load(second[index], spec.SecondSigned) - spec.Second.ZeroPoint);
        ulong bits = key.Random(
            requantization.Output.Rounding, EventStage.Output, index / spec.Length,
            index % spec.Length);
        to.Output[index] = (int)Requantizer.Requantize(product, requantization, ref met, bits);
        if (spec.Events == 1) to.Events[index] = EventFlags.Of(EventStage.Output, met);
    }
}

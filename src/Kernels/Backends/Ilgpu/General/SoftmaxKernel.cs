using ILGPU;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>A softmax layer without its tables. Blittable.</summary>
/// <param name="Channels">Values that are normalised together.</param>
/// <param name="Positions">Positions per image.</param>
/// <param name="InputSigned">1 when raw inputs may be negative.</param>
/// <param name="Kind">What addresses the table of exponentials.</param>
/// <param name="AddressBits">Width of what addresses the table of exponentials.</param>
/// <param name="ExpBits">Bits that address it.</param>
/// <param name="InverseBits">Bits that address the table of reciprocals.</param>
/// <param name="Difference">Largest input less input.</param>
/// <param name="Exponential">Table entry to sum.</param>
/// <param name="Sum">Of two sums.</param>
/// <param name="InverseInput">Sum to address.</param>
/// <param name="Product">Into the output.</param>
/// <param name="Factor">The whole, for kinds that divide.</param>
/// <param name="ZeroPoint">The output's, for kinds that divide.</param>
/// <param name="Events">1 when events are written.</param>
internal readonly record struct SoftmaxSpec(
    int Channels,
    int Positions,
    int InputSigned,
    SoftmaxKind Kind,
    int AddressBits,
    int ExpBits,
    int InverseBits,
    ConversionSpec Difference,
    ConversionSpec Exponential,
    ConversionSpec Sum,
    ConversionSpec InverseInput,
    ConversionSpec Product,
    long Factor,
    int ZeroPoint,
    int Events);

/// <summary>Softmax by tables, one thread per image and position.</summary>
internal static class SoftmaxKernel
{
    /// <summary>One position.</summary>
    /// <param name="index">image * positions + position.</param>
    /// <param name="input">Raw inputs.</param>
    /// <param name="expTable">Exponentials.</param>
    /// <param name="inverseTable">Reciprocals.</param>
    /// <param name="exponentials">Room for one value per input.</param>
    /// <param name="sums">Room for one value per input.</param>
    /// <param name="output">Raw outputs.</param>
    /// <param name="events">Flags per output.</param>
    /// <param name="spec">The layer.</param>
    /// <param name="key">Of the random bits.</param>
    public static void Run(
        Index1D index,
        ArrayView<int> input,
        ArrayView<int> expTable,
        ArrayView<int> inverseTable,
        ArrayView<long> exponentials,
        ArrayView<long> sums,
        ArrayView<int> output,
        ArrayView<int> events,
        SoftmaxSpec spec,
        RunKey key)
    {
        int image = index / spec.Positions;
        int position = index % spec.Positions;
        int origin = (image * spec.Channels * spec.Positions) + position;
        long largest = Largest(origin, input, spec);
        if (spec.Kind > SoftmaxKind.Stable)
        {
            Divide(origin, largest, input, expTable, output, events, spec);
            return;
        }

        for (int c = 0; c < spec.Channels; c++)
        {
            int at = origin + (c * spec.Positions);
            int element = (c * spec.Positions) + position;
            var difference = ConversionEvents.None;
            var exponential = ConversionEvents.None;
            long address = Raw.Load(input[at], spec.InputSigned);
            if (spec.Kind == SoftmaxKind.Stable)
            {
                ulong bits = key.Random(
                    spec.Difference.Rounding, EventStage.Difference, image, element);
                address = Conversion.Convert(
                    largest - address, spec.Difference, ref difference, bits);
            }

            long entry = expTable[
                SoftmaxLayer.TopAddressBits(address, spec.AddressBits, spec.ExpBits)
            ];
            ulong random = key.Random(
                spec.Exponential.Rounding, EventStage.Exponential, image, element);
            long value = Conversion.Convert(entry, spec.Exponential, ref exponential, random);
            // The tree adds up in place, and products need every exponential once more.
            exponentials[at] = value;
            sums[at] = value;
            if (spec.Events == 0) continue;
            events[at] = EventFlags.Of(EventStage.Difference, difference)
                | EventFlags.Of(EventStage.Exponential, exponential);
        }

        Normalise(
            image, position, origin, inverseTable, exponentials, sums, output, events, spec, key);
    }

    private static void Divide(
        int origin, long largest, ArrayView<int> input, ArrayView<int> table,
        ArrayView<int> output, ArrayView<int> events, SoftmaxSpec spec)
    {
        var sum = new SoftmaxSum(spec.Kind, spec.Factor);
        for (int c = 0; c < spec.Channels; c++)
        {
            long x = Raw.Load(input[origin + (c * spec.Positions)], spec.InputSigned);
            sum = sum.Plus(table[(int)(largest - x)]);
        }

        for (int c = 0; c < spec.Channels; c++)
        {
            int at = origin + (c * spec.Positions);
            long x = Raw.Load(input[at], spec.InputSigned);
            var met = ConversionEvents.None;
            long share = sum.Share(table[(int)(largest - x)], ref met) + spec.ZeroPoint;
            output[at] = (int)Conversion.Convert(share, spec.Product, ref met);
            if (spec.Events == 1) events[at] = EventFlags.Of(EventStage.Output, met);
        }
    }

    private static long Largest(int origin, ArrayView<int> input, SoftmaxSpec spec)
    {
        long largest = long.MinValue;
        for (int c = 0; c < spec.Channels; c++)
        {
            long x = Raw.Load(input[origin + (c * spec.Positions)], spec.InputSigned);
            largest = x > largest ? x : largest;
        }

        return largest;
    }

    private static void Normalise(
        int image,
        int position,
        int origin,
        ArrayView<int> inverseTable,
        ArrayView<long> exponentials,
        ArrayView<long> sums,
        ArrayView<int> output,
        ArrayView<int> events,
        SoftmaxSpec spec,
        RunKey key)
    {
        var sumEvents = ConversionEvents.None;
        long sum = TreeSum(image, position, origin, sums, spec, key, ref sumEvents);
        var inverseEvents = ConversionEvents.None;
        ulong bits = key.Random(spec.InverseInput.Rounding, EventStage.Inverse, image, position);
        long address = Conversion.Convert(sum, spec.InverseInput, ref inverseEvents, bits);
        long inverse = inverseTable[
            SoftmaxLayer.TopAddressBits(address, spec.InverseInput.Bits, spec.InverseBits)];
        int flags = EventFlags.Of(EventStage.Accumulator, sumEvents)
            | EventFlags.Of(EventStage.Inverse, inverseEvents);
        for (int c = 0; c < spec.Channels; c++)
        {
            int at = origin + (c * spec.Positions);
            var met = ConversionEvents.None;
            ulong random = key.Random(
                spec.Product.Rounding, EventStage.Output, image, (c * spec.Positions) + position);
            output[at] = (int)
                Conversion.Convert(exponentials[at] * inverse, spec.Product, ref met, random);

            // What the sum met, every channel of the position met.
            if (spec.Events == 1)
                events[at] |= flags | EventFlags.Of(EventStage.Output, met);
        }
    }

    /// <summary>
    /// The balanced tree without recursion: like a binary counter, the trees of 2^k leaves that end
    /// at leaf m are joined as soon as both are complete, and what remains is joined from the
    /// right. Nodes are made in the order in which the recursion makes them, each in the place of
    /// its first leaf.
    /// </summary>
    private static long TreeSum(
        int image,
        int position,
        int origin,
        ArrayView<long> sums,
        SoftmaxSpec spec,
        RunKey key,
        ref ConversionEvents events)
    {
        int step = 0;
        for (int leaves = 1; leaves <= spec.Channels; leaves++)
        {
            for (int size = 1; size < (leaves & -leaves); size <<= 1)
            {
                int left = leaves - (2 * size);
                Join(
                    image, position, origin, left, left + size, step++, sums, spec, key,
                    ref events);
            }
        }

        int right = spec.Channels & (spec.Channels - 1);
        while (right > 0)
        {
            int left = right & (right - 1);
            Join(image, position, origin, left, right, step++, sums, spec, key, ref events);
            right = left;
        }

        return sums[origin];
    }

    private static void Join(
        int image,
        int position,
        int origin,
        int left,
        int right,
        int step,
        ArrayView<long> sums,
        SoftmaxSpec spec,
        RunKey key,
        ref ConversionEvents events)
    {
        int target = origin + (left * spec.Positions);
        long exact = sums[target] + sums[origin + (right * spec.Positions)];
        ulong bits = key.Random(spec.Sum.Rounding, EventStage.Accumulator, image, position, step);
        sums[target] = Conversion.Convert(exact, spec.Sum, ref events, bits);
    }
}

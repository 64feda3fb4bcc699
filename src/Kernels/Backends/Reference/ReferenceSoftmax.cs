using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>
/// Exponentials by table, their sum, its reciprocal by table, products; position by position.
/// </summary>
internal static class ReferenceSoftmax
{
    public static long[] Run(SoftmaxLayer layer, long[] input, LayerRun run)
    {
        TensorShape shape = layer.Input.Shape;
        var output = new long[input.Length];
        for (int position = 0; position < shape.Positions; position++)
        {
            int[] elements =
            [
                .. Enumerable
                    .Range(0, shape.Channels)
                    .Select(c => (c * shape.Positions) + position),
            ];
            if (layer.Divides)
            {
                Divide(layer, input, elements, output, run);
                continue;
            }

            long[] exponentials = Exponentials(layer, input, elements, run);
            long inverse = Inverse(layer, exponentials, elements, run);
            for (int c = 0; c < elements.Length; c++)
            {
                output[elements[c]] = run.Convert(
                    exponentials[c] * inverse, layer.Product, EventStage.Output, elements[c]);
            }
        }

        return output;
    }

    private static void Divide(
        SoftmaxLayer layer, long[] input, int[] elements, long[] output, LayerRun run)
    {
        long largest = elements.Max(e => input[e]);
        int[] entries = [.. elements.Select(e => layer.ExpTable[(int)(largest - input[e])])];
        var sum = new SoftmaxSum(layer.Kind, layer.Factor);
        foreach (int entry in entries) sum = sum.Plus(entry);
        for (int c = 0; c < elements.Length; c++)
        {
            ConversionEvents events = ConversionEvents.None;
            long share = sum.Share(entries[c], ref events) + layer.Output.ZeroPoint;
            output[elements[c]] = Conversion.Convert(share, layer.Product, ref events);
            run.Record(EventStage.Output, elements[c], events);
        }
    }

    private static long[] Exponentials(
        SoftmaxLayer layer, long[] input, int[] elements, LayerRun run)
    {
        long largest = elements.Max(e => input[e]);
        var exponentials = new long[elements.Length];
        for (int c = 0; c < elements.Length; c++)
        {
            long address =
                layer.Kind == SoftmaxKind.Latency
                    ? input[elements[c]]
                    : run.Convert(
                        largest - input[elements[c]], layer.Difference, EventStage.Difference,
                        elements[c]);
            long entry = layer.ExpTable[
                SoftmaxLayer.TopBits(address, layer.AddressBits, layer.ExpTable.Length)
            ];
            exponentials[c] = run.Convert(
                entry, layer.Exponential, EventStage.Exponential, elements[c]);
            if (layer.Kind != SoftmaxKind.Latency)
                run.Log?.Write("difference", elements[c], address);
            run.Log?.Write("exponential", elements[c], exponentials[c]);
        }

        return exponentials;
    }

    /// <summary>
    /// The sum is one per position: its events count for each of the position's channels.
    /// </summary>
    private static long Inverse(
        SoftmaxLayer layer, long[] exponentials, int[] elements, LayerRun run)
    {
        ConversionEvents sumEvents = ConversionEvents.None;
        int step = 0;
        long sum = TreeSum(exponentials);

        ConversionEvents events = ConversionEvents.None;
        ulong random = run.Random(layer.InverseInput.Rounding, EventStage.Inverse, elements[0]);
        long address = Conversion.Convert(sum, layer.InverseInput, ref events, random);
        foreach (int element in elements)
        {
            run.Log?.Write("accumulator", element, sum);
            run.Log?.Write("inverse", element, address);
            run.Record(EventStage.Accumulator, element, sumEvents);
            run.Record(EventStage.Inverse, element, events);
        }

        return layer.InverseTable[
            SoftmaxLayer.TopBits(address, layer.InverseInput.Bits, layer.InverseTable.Length)];

        long TreeSum(ReadOnlySpan<long> values)
        {
            if (values.Length == 1) return values[0];
            int left = 1;
            while (left * 2 < values.Length) left *= 2;
            long exact = TreeSum(values[..left]) + TreeSum(values[left..]);
            ulong bits = run.Random(
                layer.Sum.Rounding, EventStage.Accumulator, elements[0], step++);
            return Conversion.Convert(exact, layer.Sum, ref sumEvents, bits);
        }
    }
}

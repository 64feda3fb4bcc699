using System.Runtime.InteropServices;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>
/// Convolution and dense layers, one output element after the other (ARITHMETIC.md section 4).
/// </summary>
internal static class ReferenceMac
{
    public static long[] Run(MacLayer layer, long[] input, LayerRun run)
    {
        int[] order = ReductionPlan.WeightIndices(layer);
        TensorShape to = layer.Output.Shape;
        int filters = to.Channels / layer.Geometry.Groups;
        long[] output = new long[to.Length], inputs = [];
        for (int position = 0; position < to.Positions; position++)
        {
            for (int channel = 0; channel < to.Channels; channel++)
            {
                // All filters of a group meet the same inputs.
                int element = (channel * to.Positions) + position;
                if (channel % filters == 0) inputs = Inputs(layer, order, input, element);
                MacTrace trace = Trace(layer, order, inputs, element, run);
                output[element] = trace.Output;
                Record(layer, trace, element, run);
            }
        }

        return output;
    }

    /// <summary>How one output element comes about.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="order">Weights in the order of the reduction.</param>
    /// <param name="inputs">What they meet: <see cref="Inputs"/>.</param>
    /// <param name="element">The output element.</param>
    /// <param name="run">Where.</param>
    public static MacTrace Trace(
        MacLayer layer, int[] order, long[] inputs, int element, LayerRun run)
    {
        int channel = element / layer.Output.Shape.Positions;
        MacProduct[] products = Products(layer, order, inputs, element, run);
        long start = layer.Mac.Bias == BiasPosition.First ? layer.Bias[channel] : 0;
        MacUpdate[] updates = layer.Mac.When == AccumulatorUpdate.End
            ? [UpdateAtEnd(layer, products, channel, element, run)]
            : Updates(layer, products, start, channel, element, run);

        Requantization requantization = layer.Requantization[channel];
        ConversionEvents events = ConversionEvents.None;
        ulong random = run.Random(requantization.Output.Rounding, EventStage.Output, element);
        long output = Requantizer.Requantize(
            updates[^1].Accumulator, requantization, ref events, random);
        return new(
            ImmutableCollectionsMarshal.AsImmutableArray(products), start,
            ImmutableCollectionsMarshal.AsImmutableArray(updates), output, events);
    }

    /// <summary>The inputs that the weights of one output element meet, in their order.</summary>
    public static long[] Inputs(MacLayer layer, int[] order, long[] input, int element) =>
        Array.ConvertAll(order, weight => InputAt(layer, input, element, weight));

    /// <summary>A flag of an element is raised once, however many conversions raise it.</summary>
    private static void Record(MacLayer layer, MacTrace trace, int element, LayerRun run)
    {
        if (layer.Mac.ProductStage == ProductStage.Converted)
        {
            ConversionEvents products = ConversionEvents.None;
            foreach (MacProduct product in trace.Products) products |= product.Events;
            run.Record(EventStage.Product, element, products);
        }

        ConversionEvents updates = ConversionEvents.None;
        foreach (MacUpdate update in trace.Updates) updates |= update.Events;
        run.Record(EventStage.Accumulator, element, updates);
        run.Record(EventStage.Output, element, trace.OutputEvents);
    }

    private static MacProduct[] Products(
        MacLayer layer, int[] order, long[] inputs, int element, LayerRun run)
    {
        MacSpec mac = layer.Mac;
        int filter = element / layer.Output.Shape.Positions * layer.Depth;
        var products = new MacProduct[layer.Depth];
        for (int step = 0; step < products.Length; step++)
        {
            long x = inputs[step] - mac.InputOffset;
            long w = layer.Weights[filter + order[step]];
            long exact = x * w;
            ConversionEvents events = ConversionEvents.None;
            ulong random = run.Random(mac.Product.Rounding, EventStage.Product, element, step);
            long value = mac.ProductStage == ProductStage.Exact
                ? exact
                : Conversion.Convert(exact, mac.Product, ref events, random);
            products[step] = new(order[step], x, w, exact, value, events);
        }

        return products;
    }

    /// <summary>
    /// The input that one weight of one output meets: outside the image, the zero point.
    /// </summary>
    private static long InputAt(MacLayer layer, long[] input, int element, int weight)
    {
        WindowGeometry window = layer.Geometry;
        TensorShape to = layer.Output.Shape;
        TensorShape from = layer.Input.Shape;
        int position = element % to.Positions;
        int kernelColumn = weight % window.KernelColumns;
        int kernelRow = weight / window.KernelColumns % window.KernelRows;
        int depthChannel = weight / window.KernelColumns / window.KernelRows;

        int group = element / to.Positions / (to.Channels / window.Groups);
        int channel = (group * (from.Channels / window.Groups)) + depthChannel;
        int row = window.InputRow(position / to.Columns, kernelRow);
        int column = window.InputColumn(position % to.Columns, kernelColumn);
        bool inside = row >= 0 && row < from.Rows && column >= 0 && column < from.Columns;
        return inside
            ? input[(((channel * from.Rows) + row) * from.Columns) + column]
            : layer.Input.ZeroPoint;
    }

    private static MacUpdate[] Updates(
        MacLayer layer, MacProduct[] products, long start, int channel, int element, LayerRun run)
    {
        MacSpec mac = layer.Mac;
        int lanes = layer.Facts.Lanes, steps = ((products.Length - 1) / lanes) + 1;
        var updates = new MacUpdate[mac.Bias == BiasPosition.Last ? steps + 1 : steps];
        long accumulator = start;
        for (int step = 0; step < updates.Length; step++)
        {
            long added = step < steps
                ? Sum(products, step * lanes, lanes) << mac.PartialAlign
                : layer.Bias[channel] << mac.AccumulatorAlign;
            updates[step] = Update(
                mac, (accumulator << mac.AccumulatorAlign) + added, step, element, run);
            accumulator = updates[step].Accumulator;
        }

        return updates;
    }

    /// <summary>The exact sum of some products, or of as many as there are.</summary>
    private static long Sum(MacProduct[] products, int first, int most)
    {
        long sum = 0;
        int count = Math.Min(most, products.Length - first);
        for (int i = 0; i < count; i++) sum += products[first + i].Value;
        return sum;
    }

    /// <summary>
    /// One conversion, of the exact sum of everything, the bias included wherever it enters.
    /// </summary>
    private static MacUpdate UpdateAtEnd(
        MacLayer layer, MacProduct[] products, int channel, int element, LayerRun run)
    {
        MacSpec mac = layer.Mac;
        long bias = layer.Bias[channel] << mac.AccumulatorAlign;
        return Update(
            mac, bias + (Sum(products, 0, products.Length) << mac.PartialAlign), 0, element, run);
    }

    private static MacUpdate Update(
        in MacSpec mac, long sum, int step, int element, LayerRun run)
    {
        ConversionEvents events = ConversionEvents.None;
        ulong random = run.Random(mac.Update.Rounding, EventStage.Accumulator, element, step);
        long accumulator = Conversion.Convert(sum, mac.Update, ref events, random);
        return new(sum, accumulator, events);
    }
}

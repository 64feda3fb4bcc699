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
        var output = new long[layer.Output.Shape.Length];
        for (int element = 0; element < output.Length; element++)
        {
            MacTrace trace = Trace(layer, order, input, element, run);
            output[element] = trace.Output;
            if (layer.Mac.ProductStage == ProductStage.Converted)
                run.Record(EventStage.Product, element, trace.Products.Select(p => p.Events));
            run.Record(EventStage.Accumulator, element, trace.Updates.Select(u => u.Events));
            run.Record(EventStage.Output, element, [trace.OutputEvents]);
        }

        return output;
    }

    public static MacTrace Trace(
        MacLayer layer, int[] order, long[] input, int element, LayerRun run)
    {
        int channel = element / layer.Output.Shape.Positions;
        MacProduct[] products = Products(layer, order, input, element, run);
        long start = layer.Mac.Bias == BiasPosition.First ? layer.Bias[channel] : 0;
        List<MacUpdate> updates = layer.Mac.When == AccumulatorUpdate.End
            ? [UpdateAtEnd(layer, products, channel, element, run)]
            : Updates(layer, products, start, channel, element, run);

        Requantization requantization = layer.Requantization[channel];
        ConversionEvents events = ConversionEvents.None;
        ulong random = run.Random(requantization.Output.Rounding, EventStage.Output, element);
        long output = Requantizer.Requantize(
            updates[^1].Accumulator, requantization, ref events, random);
        return new(
            ImmutableCollectionsMarshal.AsImmutableArray(products), start, [.. updates], output,
            events);
    }

    private static MacProduct[] Products(
        MacLayer layer, int[] order, long[] input, int element, LayerRun run)
    {
        MacSpec mac = layer.Mac;
        int filter = element / layer.Output.Shape.Positions * layer.Depth;
        var products = new MacProduct[layer.Depth];
        for (int step = 0; step < products.Length; step++)
        {
            long x = InputAt(layer, input, element, order[step]) - mac.InputOffset;
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

    private static List<MacUpdate> Updates(
        MacLayer layer, MacProduct[] products, long start, int channel, int element, LayerRun run)
    {
        MacSpec mac = layer.Mac;
        List<MacUpdate> updates = [];
        long accumulator = start;
        foreach (MacProduct[] lanes in products.Chunk(layer.Facts.Lanes))
            Add(lanes.Sum(p => p.Value) << mac.PartialAlign);
        if (mac.Bias == BiasPosition.Last) Add(layer.Bias[channel] << mac.AccumulatorAlign);
        return updates;

        void Add(long aligned)
        {
            updates.Add(
                Update(
                    mac, (accumulator << mac.AccumulatorAlign) + aligned, updates.Count, element,
                    run)
            );
            accumulator = updates[^1].Accumulator;
        }
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
            mac, bias + (products.Sum(p => p.Value) << mac.PartialAlign), 0, element, run);
    }

    private static MacUpdate Update(MacSpec mac, long sum, int step, int element, LayerRun run)
    {
        ConversionEvents events = ConversionEvents.None;
        ulong random = run.Random(mac.Update.Rounding, EventStage.Accumulator, element, step);
        long accumulator = Conversion.Convert(sum, mac.Update, ref events, random);
        return new(sum, accumulator, events);
    }
}

using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>Convolution and dense layers, one output element after the other (ARITHMETIC.md section 4).</summary>
internal static class ReferenceMac
{
    public static long[] Run(MacLayer layer, long[] input, LayerRun run)
    {
        int[] order = ReductionPlan.WeightIndices(layer);
        TensorShape shape = layer.Output.Shape;
        var output = new long[shape.Length];
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            for (int position = 0; position < shape.Positions; position++)
            {
                int element = (channel * shape.Positions) + position;
                long[] products = Products(layer, order, input, element, run);
                long accumulator = Accumulate(layer, products, channel, element, run);
                ConversionEvents events = ConversionEvents.None;
                ulong random = run.Random(EventStage.Output, element);
                output[element] = Requantizer.Requantize(
                    accumulator, layer.Requantization[channel], ref events, random);
                run.Record(EventStage.Output, element, events);
            }
        }

        return output;
    }

    private static long[] Products(MacLayer layer, int[] order, long[] input, int element, LayerRun run)
    {
        ConversionEvents events = ConversionEvents.None;
        int channel = element / layer.Output.Shape.Positions;
        var products = new long[layer.Depth];
        for (int step = 0; step < products.Length; step++)
        {
            long x = InputAt(layer, input, element, order[step]) - layer.Mac.InputOffset;
            long product = x * layer.Weights[(channel * layer.Depth) + order[step]];
            products[step] = layer.Mac.ProductStage == ProductStage.Exact
                ? product
                : Conversion.Convert(
                    product, layer.Mac.Product, ref events, run.Random(EventStage.Product, element, step));
        }

        if (layer.Mac.ProductStage == ProductStage.Converted) run.Record(EventStage.Product, element, events);
        return products;
    }

    /// <summary>The input that one weight of one output meets: outside the image, the zero point.</summary>
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
        return inside ? input[(((channel * from.Rows) + row) * from.Columns) + column] : layer.Input.ZeroPoint;
    }

    private static long Accumulate(MacLayer layer, long[] products, int channel, int element, LayerRun run)
    {
        MacSpec mac = layer.Mac;
        ConversionEvents events = ConversionEvents.None;
        long bias = layer.Bias[channel];
        long accumulator = mac.When == AccumulatorUpdate.End
            ? AccumulateAtEnd(mac, products, bias, run.Random(EventStage.Accumulator, element), ref events)
            : AccumulateStepwise(layer, products, bias, element, run, ref events);
        run.Record(EventStage.Accumulator, element, events);
        return accumulator;
    }

    /// <summary>One conversion, of the exact sum of everything, the bias included wherever it enters.</summary>
    private static long AccumulateAtEnd(
        MacSpec mac, long[] products, long bias, ulong random, ref ConversionEvents events)
    {
        long sum = (bias << mac.AccumulatorAlign) + (products.Sum() << mac.PartialAlign);
        return Conversion.Convert(sum, mac.Update, ref events, random);
    }

    private static long AccumulateStepwise(
        MacLayer layer, long[] products, long bias, int element, LayerRun run, ref ConversionEvents events)
    {
        MacSpec mac = layer.Mac;
        long accumulator = mac.Bias == BiasPosition.First ? bias : 0;
        int update = 0;
        foreach (long[] lanes in products.Chunk(ReductionPlan.LanesOf(layer)))
        {
            long sum = (accumulator << mac.AccumulatorAlign) + (lanes.Sum() << mac.PartialAlign);
            ulong random = run.Random(EventStage.Accumulator, element, update++);
            accumulator = Conversion.Convert(sum, mac.Update, ref events, random);
        }

        if (mac.Bias == BiasPosition.First) return accumulator;
        long withBias = (accumulator << mac.AccumulatorAlign) + (bias << mac.AccumulatorAlign);
        return Conversion.Convert(
            withBias, mac.Update, ref events, run.Random(EventStage.Accumulator, element, update));
    }
}

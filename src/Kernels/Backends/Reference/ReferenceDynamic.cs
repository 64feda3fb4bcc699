using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>Layers of float32 numbers and of scales that depend on the image.</summary>
internal static class ReferenceDynamic
{
    public static long[] Run(ProgramLayer layer, long[][] inputs, LayerRun run) => layer switch
    {
        RangeLayer => [Math.Min(0, inputs[0].Min()), Math.Max(0, inputs[0].Max())],
        DynamicQuantizeLayer => Quantize(inputs[0], inputs[1], run),
        DynamicRescaleLayer rescale => Rescale(rescale, inputs[0], inputs[1..]),
        _ => throw UnknownLayer.Of(layer, "no scale of its own"),
    };

    public static long[] Affine(FloatAffineLayer layer, long[] numbers)
    {
        int positions = layer.Output.Shape.Positions;
        return
        [
            .. numbers.Select((x, i) => FloatAffineLayer.Value(
                layer.Scaling, layer.Factors[i / positions], layer.Shifts[i / positions], x)),
        ];
    }

    public static long[] Average(FloatAverageLayer layer, long[] numbers)
    {
        int positions = layer.Output.Shape.Positions, plane = layer.Input.Positions;
        FloatMean mean = layer.Mean;
        return
        [
            .. Enumerable.Range(0, layer.Output.Shape.Length).Select(i => mean.At(
                new Plane(numbers, i / positions * plane), i / positions, i % positions)),
        ];
    }

    public static long[] Softmax(long[] numbers) =>
        Array.ConvertAll(numbers, FloatSoftmax.Of(new Plane(numbers, 0), numbers.Length).Share);

    public static long[] Norm(FloatNormLayer layer, long[] numbers)
    {
        int count = layer.Factors.Length;
        long[] output = new long[numbers.Length];
        for (int first = 0; first < output.Length; first += count)
        {
            FloatNormRow row = layer.Norm.Of(new Plane(numbers, first), count);
            for (int i = 0; i < count; i++)
                output[first + i] = row.Value(
                    numbers[first + i], layer.Factors[i], layer.Shifts[i]);
        }

        return output;
    }

    public static long[] Mac(FloatMacLayer layer, long[] numbers)
    {
        FloatMacSum sum = layer.Sum;
        var image = new Plane(numbers, 0);
        var weights = new Plane([.. layer.Weights.Select(w => (long)w)], 0);
        int positions = layer.Output.Shape.Positions;
        return
        [
            .. Enumerable.Range(0, layer.Output.Shape.Length).Select(i => sum.At(
                image, weights, layer.Bias[i / positions], i / positions, i % positions)),
        ];
    }

    public static long[] ProductSum(FloatProductSumLayer layer, long[][] inputs)
    {
        int positions = layer.Output.Shape.Positions, plane = positions * layer.Sum.Depth;
        return
        [
            .. Enumerable.Range(0, layer.Output.Shape.Length).Select(i =>
            {
                int first = (i / positions * plane) + (i % positions);
                return layer.Sum.At(
                    new Plane(inputs[0], first, positions), new Plane(inputs[1], first, positions),
                    i % positions, positions);
            }),
        ];
    }

    public static long[] Quantize(FloatQuantizeLayer layer, long[] numbers, LayerRun run)
    {
        long[] output = new long[numbers.Length];
        for (int element = 0; element < output.Length; element++)
        {
            var events = ConversionEvents.None;
            output[element] = layer.Scale.Raw(
                numbers[element], layer.Output.MinRaw, layer.Output.MaxRaw, ref events);
            run.Record(EventStage.Output, element, events);
        }

        return output;
    }

    private readonly struct Plane(long[] numbers, int first, int step = 1) : IFloatPlane
    {
        public long At(int place) => numbers[first + (place * step)];
    }

    private static long[] Quantize(long[] numbers, long[] range, LayerRun run)
    {
        var scale = DynamicScale.Of(range[0], range[1]);
        long[] output = new long[numbers.Length];
        for (int element = 0; element < output.Length; element++)
        {
            var events = ConversionEvents.None;
            output[element] = scale.Quantize(numbers[element], ref events);
            run.Record(EventStage.Output, element, events);
        }

        return output;
    }

    private static long[] Rescale(DynamicRescaleLayer layer, long[] sums, long[][] ranges)
    {
        DynamicScale scale = ranges.Select(r => DynamicScale.Of(r[0], r[1]))
            .Aggregate((a, b) => a.Times(b));
        int positions = layer.Output.Shape.Positions;
        return
        [
            .. sums.Select((sum, i) => scale.Rescale(
                sum, layer.WeightSteps[i / positions], layer.Bias[i / positions])),
        ];
    }
}

using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>Image after image, layer after layer.</summary>
internal sealed class ReferenceRunner(QuantizedProgram program) : IProgramRunner
{
    /// <inheritdoc/>
    public RunResult Run(ReadOnlySpan<long> inputs, int images, RunOptions options)
    {
        int length = program.Input.Type.Shape.Length;
        if (inputs.Length != (long)images * length)
            throw new ArgumentException(
                $"{inputs.Length} values where {images} x {length} are needed");

        var outputs = new List<long>();
        EventCounter[] counters = [.. program.Layers.Select(l => new EventCounter(l))];
        var taps = options.Taps.Distinct().ToDictionary(t => t, _ => new List<long>());
        for (int image = 0; image < images; image++)
        {
            long[] input = inputs.Slice(image * length, length).ToArray();
            List<long[]> tensors = RunImage(input, options.FirstImage + image, counters);
            outputs.AddRange(tensors[^1]);
            foreach ((int tensor, List<long> values) in taps) values.AddRange(tensors[tensor]);
        }

        return new(
            [.. outputs],
            options.CollectEvents ? [.. counters.Select(c => c.ToEvents())] : [],
            taps.ToImmutableDictionary(t => t.Key, t => t.Value.ToArray()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private List<long[]> RunImage(long[] input, long image, EventCounter[] counters)
    {
        List<long[]> tensors = [input];
        for (int i = 0; i < program.Layers.Length; i++)
        {
            ProgramLayer layer = program.Layers[i];
            var run = new LayerRun(program.Seed, i, image, layer.Output.Shape, counters[i]);
            tensors.Add(RunLayer(layer, [.. layer.Inputs.Select(t => tensors[t])], run));
        }

        return tensors;
    }

    internal static long[] RunLayer(ProgramLayer layer, long[][] inputs, LayerRun run) =>
        layer switch
        {
            MacLayer mac => ReferenceMac.Run(mac, inputs[0], run),
            MaxPoolLayer pool => ReferenceMaxPool.Run(pool, inputs[0]),
            AveragePoolLayer pool => ReferenceAveragePool.Run(pool, inputs[0], run),
            ClampLayer clamp => [.. inputs[0].Select(x => Math.Clamp(x, clamp.Min, clamp.Max))],
            ReshapeLayer => inputs[0],
            RearrangeLayer moved =>
                [.. moved.Sources.Select(s => s < 0 ? moved.Output.ZeroPoint : inputs[0][s])],
            MultiplyLayer product => ReferencePairs.Run(
                "product", product.Requantization, inputs, run,
                (long a, long b, ref ConversionEvents _) => product.Product(a, b)),
            LookupLayer lookup => ReferenceLookup.Run(lookup, inputs[0], run),
            SoftmaxLayer softmax => ReferenceSoftmax.Run(softmax, inputs[0], run),
            AddLayer add => ReferenceAdd.Run(add, inputs, run),
            ConcatLayer concat => ReferenceConcat.Run(concat, inputs, run),
            RangeLayer or DynamicQuantizeLayer or DynamicRescaleLayer =>
                ReferenceDynamic.Run(layer, inputs, run),
            FloatDequantizeLayer numbers => [.. inputs[0].Select(numbers.Scale.Number)],
            FloatQuantizeLayer integers => ReferenceDynamic.Quantize(integers, inputs[0], run),
            FloatAddLayer => [.. inputs[0].Zip(inputs[1], FloatAddLayer.Sum)],
            FloatMultiplyLayer => [.. inputs[0].Zip(inputs[1], FloatMultiplyLayer.Product)],
            FloatDivideLayer => [.. inputs[0].Zip(inputs[1], FloatDivideLayer.Quotient)],
            FloatPointLayer of =>
                [.. inputs[0].Select(x => FloatFunctions.Value(of.Function, of.A, of.B, x))],
            FloatAffineLayer affine => ReferenceDynamic.Affine(affine, inputs[0]),
            FloatAverageLayer average => ReferenceDynamic.Average(average, inputs[0]),
            FloatSoftmaxLayer => ReferenceDynamic.Softmax(inputs[0]),
            FloatNormLayer norm => ReferenceDynamic.Norm(norm, inputs[0]),
            FloatMacLayer mac => ReferenceDynamic.Mac(mac, inputs[0]),
            FloatResizeLayer resize => ReferenceResize.Run(resize, inputs[0]),
            ResizeLayer resize => ReferenceResize.Run(resize, inputs[0]),
            FloatProductSumLayer sums => ReferenceDynamic.ProductSum(sums, inputs),
            _ => throw UnknownLayer.Of(layer, "no reference"),
        };
}

using QSim.Kernels.Backends.Simd.Elementwise;
using QSim.Kernels.Backends.Simd.Mac;
using QSim.Kernels.Backends.Simd.Pooling;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>Chooses the step that runs a layer.</summary>
internal static class StepPlan
{
    /// <param name="layer">The layer.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="row">
    /// The row of <see cref="SimdRows"/> for every layer that it takes; null for the best.
    /// </param>
    public static NamedStep Prepare(ProgramLayer layer, StepPlace place, string? row)
    {
        bool sameStorage = place.Inputs[0] is { } input
            && input.IsNarrow == place.Output.IsNarrow && input.Offset == place.Output.Offset;
        bool narrow = place.Inputs[0].IsNarrow;
        return layer switch
        {
            MacLayer mac => SimdRows.Prepare(mac, place, row),
            MaxPoolLayer pool when sameStorage => new(
                "max-pool",
                narrow ? new MaxPoolStep<short>(pool, place) : new MaxPoolStep<long>(pool, place)),
            AveragePoolLayer pool => new("average-pool", AveragePool(pool, place)),
            ClampLayer clamp when sameStorage => new(
                "clamp",
                narrow ? new ClampStep<short>(clamp, place) : new ClampStep<long>(clamp, place)),
            ReshapeLayer reshape when sameStorage => new(
                "reshape",
                narrow
                    ? new ReshapeStep<short>(reshape, place)
                    : new ReshapeStep<long>(reshape, place)),
            RearrangeLayer moved when sameStorage => new(
                "rearrange",
                narrow
                    ? new RearrangeStep<short>(moved, place)
                    : new RearrangeStep<long>(moved, place)),
            ResizeLayer resize when sameStorage => new(
                "resize",
                narrow
                    ? new ResizeStep<short>(resize, place)
                    : new ResizeStep<long>(resize, place)),
            LookupLayer or ConcatLayer => WithoutEvents("table", TableStep.Of(layer, place)),
            AddLayer add => AddPlan.Prepare(add, place) switch
            {
                AddStep<int> counting => new("add", counting),
                var fast => WithoutEvents("add", fast),
            },
            RangeLayer range => new("range", new RangeStep(range, place)),
            DynamicQuantizeLayer quantize => WithoutEvents(
                "dynamic-quantize", new DynamicQuantizeStep(quantize, place)),
            DynamicRescaleLayer rescale when !place.Inputs[0].IsNarrow => new(
                "dynamic-rescale", new DynamicRescaleStep(rescale, place)),
            FloatDequantizeLayer numbers => new(
                "float-dequantize",
                narrow
                    ? new FloatDequantizeStep<short>(numbers, place)
                    : new FloatDequantizeStep<long>(numbers, place)),
            FloatQuantizeLayer integers => WithoutEvents(
                "float-quantize",
                place.Output.IsNarrow
                    ? new FloatQuantizeStep<short>(integers, place)
                    : new FloatQuantizeStep<long>(integers, place)),
            _ => OfNumbers(layer, place) ?? Reference(),
        };

        NamedStep WithoutEvents(string name, Step? fast) =>
            fast is null ? Reference() : new NamedStep(name, fast).Or(Reference());

        NamedStep Reference() => new("reference", new ReferenceStep(layer, place));
    }

    /// <summary>Of layers from float32 numbers to such; null for others.</summary>
    private static NamedStep? OfNumbers(ProgramLayer layer, StepPlace place) => layer switch
    {
        FloatAddLayer add => new("float-add", new FloatAddStep(add, place)),
        FloatMultiplyLayer product => new(
            "float-multiply", new FloatMultiplyStep(product, place)),
        FloatDivideLayer quotient => new(
            "float-divide", new FloatDivideStep(quotient, place)),
        FloatAffineLayer affine => new("float-affine", new FloatAffineStep(affine, place)),
        FloatPointLayer function => new("float-point", new FloatPointStep(function, place)),
        FloatAverageLayer average => new(
            "float-average", new FloatAverageStep(average, place)),
        FloatSoftmaxLayer softmax => new(
            "float-softmax", new FloatSoftmaxStep(softmax, place)),
        FloatNormLayer norm => new("float-norm", new FloatNormStep(norm, place)),
        FloatMacLayer mac when FloatMacChannels.Fit(mac) => new(
            "float-mac", new FloatMacStep(mac, place)),
        FloatResizeLayer resize => new("float-resize", new FloatResizeStep(resize, place)),
        FloatProductSumLayer sums => new(
            "float-product-sum", new FloatProductSumStep(sums, place)),
        _ => null,
    };

    private static Step AveragePool(AveragePoolLayer layer, StepPlace place) =>
        (place.Inputs[0].IsNarrow, place.Output.IsNarrow) switch
        {
            (true, true) => new AveragePoolStep<short, short>(layer, place),
            (true, false) => new AveragePoolStep<short, long>(layer, place),
            (false, true) => new AveragePoolStep<long, short>(layer, place),
            (false, false) => new AveragePoolStep<long, long>(layer, place),
        };
}

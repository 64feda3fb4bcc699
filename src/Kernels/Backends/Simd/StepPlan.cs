using QSim.Kernels.Backends.Simd.Elementwise;
using QSim.Kernels.Backends.Simd.Mac;
using QSim.Kernels.Backends.Simd.Pooling;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>Chooses the step that runs a layer.</summary>
internal static class StepPlan
{
    public static Step Prepare(ProgramLayer layer, StepPlace place)
    {
        bool sameStorage = place.Inputs[0] is { } input
            && input.IsNarrow == place.Output.IsNarrow && input.Offset == place.Output.Offset;
        bool narrow = place.Inputs[0].IsNarrow;
        return layer switch
        {
            MacLayer mac => MacPlan.Prepare(mac, place),
            MaxPoolLayer pool when sameStorage =>
                narrow ? new MaxPoolStep<short>(pool, place) : new MaxPoolStep<long>(pool, place),
            AveragePoolLayer pool => AveragePool(pool, place),
            ClampLayer clamp when sameStorage => narrow
                ? new ClampStep<short>(clamp, place)
                : new ClampStep<long>(clamp, place),
            ReshapeLayer reshape when sameStorage => narrow
                ? new ReshapeStep<short>(reshape, place)
                : new ReshapeStep<long>(reshape, place),
            LookupLayer or ConcatLayer => WithoutEvents(TableStep.Of(layer, place)),
            AddLayer add => AddPlan.Prepare(add, place) switch
            {
                AddStep<int> counting => counting,
                var fast => WithoutEvents(fast),
            },
            _ => new ReferenceStep(layer, place),
        };

        Step WithoutEvents(Step? fast)
        {
            var any = new ReferenceStep(layer, place);
            return fast is null ? any : new EventsOrSpeed(any, fast);
        }
    }

    private static Step AveragePool(AveragePoolLayer layer, StepPlace place) =>
        (place.Inputs[0].IsNarrow, place.Output.IsNarrow) switch
        {
            (true, true) => new AveragePoolStep<short, short>(layer, place),
            (true, false) => new AveragePoolStep<short, long>(layer, place),
            (false, true) => new AveragePoolStep<long, short>(layer, place),
            (false, false) => new AveragePoolStep<long, long>(layer, place),
        };
}

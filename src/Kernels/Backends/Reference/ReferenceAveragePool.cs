using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>The rounded mean of each window, padding left out.</summary>
internal static class ReferenceAveragePool
{
    public static long[] Run(AveragePoolLayer layer, long[] input, LayerRun run)
    {
        var output = new long[layer.Output.Shape.Length];
        for (int element = 0; element < output.Length; element++)
        {
            long[] window = [.. ReferenceWindow.Values(
                layer.Geometry, layer.Input.Shape, layer.Output.Shape, input, element)];
            ConversionEvents accumulated = ConversionEvents.None;
            long sum = 0;
            foreach (long raw in window) sum = layer.Unit.Add(sum, raw, ref accumulated);
            ConversionEvents events = ConversionEvents.None;
            ulong random = run.Random(layer.Unit.Rounding, EventStage.Output, element);
            long mean = layer.Unit.Mean(sum, window.Length, random, ref events);
            output[element] = Math.Clamp(mean, layer.Output.MinRaw, layer.Output.MaxRaw);
            if (layer.Unit.Real.IsUsed == 0) run.Log?.Write("accumulator", element, sum);
            if (output[element] != mean) events |= ConversionEvents.Overflowed;
            if (layer.Unit.HasRegister != 0)
                run.Record(EventStage.Accumulator, element, accumulated);
            run.Record(EventStage.Output, element, events);
        }

        return output;
    }
}

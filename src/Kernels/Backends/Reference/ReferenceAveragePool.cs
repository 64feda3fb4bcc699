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
            long sum = window.Sum();
            long mean = Rounding.Divide(
                sum, window.Length, layer.Rounding,
                run.Random(layer.Rounding, EventStage.Output, element));
            output[element] = Math.Clamp(mean, layer.Output.MinRaw, layer.Output.MaxRaw);

            ConversionEvents events = ConversionEvents.None;
            if (sum % window.Length != 0) events |= ConversionEvents.Inexact;
            if (output[element] != mean) events |= ConversionEvents.Overflowed;
            run.Record(EventStage.Output, element, [events]);
        }

        return output;
    }
}

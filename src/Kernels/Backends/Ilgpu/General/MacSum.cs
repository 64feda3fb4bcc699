using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>One output's sum on its way through the reduction, in registers. Blittable.</summary>
/// <param name="Accumulator">The accumulator's raw value.</param>
/// <param name="Partial">Products since the last update.</param>
/// <param name="Start">The bias.</param>
/// <param name="Products">Events of products so far.</param>
/// <param name="Updates">Events of updates so far.</param>
internal readonly record struct MacSum(
    long Accumulator, long Partial, long Start, ConversionEvents Products, ConversionEvents Updates)
{
    /// <summary>Before the first step.</summary>
    public static MacSum Begin(long bias, MacModes modes) => new(
        modes.BiasLast == 0 ? bias : 0, 0, bias, ConversionEvents.None, ConversionEvents.None);

    /// <summary>One product more.</summary>
    public MacSum Multiply(
        long x, int weight, int step, WindowPlace place, RunKey key, MacModes modes)
    {
        long product = x * weight;
        ConversionEvents met = Products;
        if (modes.ConvertsProducts == 1)
        {
            ulong bits = key.Random(
                modes.Product.Rounding, EventStage.Product, place.Image, place.Element, step);
            product = Conversion.Convert(product, modes.Product, ref met, bits);
        }

        return new(Accumulator, Partial + product, Start, met, Updates);
    }

    /// <summary>One update of the accumulator.</summary>
    public MacSum Accumulate(int update, WindowPlace place, RunKey key, MacModes modes)
    {
        ConversionEvents met = Updates;
        long sum = (Accumulator << modes.AccumulatorAlign) + (Partial << modes.PartialAlign);
        long accumulator = MacKernel.Update(sum, update, place, key, modes, ref met);
        return new(accumulator, 0, Start, Products, met);
    }

    /// <summary>A bias that comes last, then the output.</summary>
    public void Store(
        int index, MacOperands from, LayerResults to, int update, WindowPlace place, RunKey key,
        MacModes modes)
    {
        ConversionEvents updates = Updates;
        long accumulator = Accumulator;
        if (modes.BiasLast == 1)
        {
            long sum = (accumulator << modes.AccumulatorAlign) + (Start << modes.AccumulatorAlign);
            accumulator = MacKernel.Update(sum, update, place, key, modes, ref updates);
        }

        var outputs = ConversionEvents.None;
        to.Output[index] = (int)MacKernel.Requantize(
            accumulator, from.Requantization[place.Channel], place, key, modes, ref outputs);
        if (modes.Events == 0) return;
        to.Events[index] = EventFlags.Of(EventStage.Product, Products)
            | EventFlags.Of(EventStage.Accumulator, updates)
            | EventFlags.Of(EventStage.Output, outputs);
    }
}

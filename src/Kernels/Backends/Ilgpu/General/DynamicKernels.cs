using ILGPU;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>
/// Layers of float32 numbers and of scales that depend on the image. Each thread works out its
/// image's scale anew: two divisions, where a pass of its own would wait for memory.
/// </summary>
internal static class DynamicKernels
{
    /// <summary>Both ends of a tensor's range, one thread per image.</summary>
    public static void Range(
        Index1D index, ArrayView<int> numbers, ArrayView<int> range, int length)
    {
        // Float32 numbers are kept so that integers compare as they do (OrderedFloat).
        int least = 0, largest = 0;
        for (int i = index * length; i < (index + 1) * length; i++)
        {
            int value = numbers[i];
            least = value < least ? value : least;
            largest = value > largest ? value : largest;
        }

        range[2 * index] = least;
        range[(2 * index) + 1] = largest;
    }

    /// <summary>Numbers to 8 bits, one thread per value.</summary>
    public static void Quantize(
        Index1D index, ArrayView<int> numbers, ArrayView<int> range, LayerResults to, int length,
        int collectsEvents)
    {
        var scale = Scale(range, index / length);
        var met = ConversionEvents.None;
        to.Output[index] = (int)scale.Quantize(numbers[index], ref met);
        if (collectsEvents == 1) to.Events[index] = EventFlags.Of(EventStage.Output, met);
    }

    /// <summary>Sums to numbers, one thread per value.</summary>
    public static void Rescale(
        Index1D index, ArrayView<int> sums, ArrayView<int> range, ArrayView<int> weightSteps,
        ArrayView<int> bias, ArrayView<int> output, ElementSpec spec, int positions,
        ArrayView<int> other, int hasOther)
    {
        int channel = index % spec.OutputLength / positions, image = index / spec.OutputLength;
        DynamicScale scale = Scale(range, image);
        if (hasOther != 0) scale = scale.Times(Scale(other, image));
        output[index] = (int)scale.Rescale(
            Raw.Load(sums[index], spec.InputSigned), weightSteps[channel], bias[channel]);
    }

    /// <summary>A sum of two tensors, one thread per value.</summary>
    public static void Add(
        Index1D index, ArrayView<int> first, ArrayView<int> second, ArrayView<int> output) =>
        output[index] = (int)FloatAddLayer.Sum(first[index], second[index]);

    private static DynamicScale Scale(ArrayView<int> range, int image) =>
        DynamicScale.Of(range[2 * image], range[(2 * image) + 1]);
}

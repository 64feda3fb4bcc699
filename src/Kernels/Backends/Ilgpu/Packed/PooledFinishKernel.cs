using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Ilgpu.General;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// From exact sums straight to the outputs of the max pooling that follows, one thread per pooled
/// output: what lies between never goes through memory. For sums that need no check, in runs that
/// collect no events, where windows do not overlap.
/// </summary>
internal static class PooledFinishKernel
{
    /// <summary>One pooled output.</summary>
    /// <param name="index">Of the pooled output.</param>
    /// <param name="exact">What the product gave.</param>
    /// <param name="from">Bias and requantization.</param>
    /// <param name="output">Filled with pooled outputs.</param>
    /// <param name="sizes">The layer's sizes.</param>
    /// <param name="window">The pooling's.</param>
    /// <param name="key">Of the layer's random bits; pooling has none.</param>
    /// <param name="modes">What the kernel is compiled for.</param>
    public static void Run(
        Index1D index, ExactSums exact, MacOperands from, ArrayView<int> output, MacSizes sizes,
        PoolWindow window, RunKey key, SpecializedValue<FinishModes> modes) =>
        Compute(index, exact, from, output, sizes, window, key, modes.Value);

    /// <summary>The same for modes that are constants where it is inlined.</summary>
    public static void Compute(
        Index1D index, ExactSums exact, MacOperands from, ArrayView<int> output, MacSizes sizes,
        PoolWindow window, RunKey key, FinishModes modes)
    {
        WindowPlace pooled = window.Shape.Place(index);
        WindowWalk walk = pooled.Origin;
        int positions = sizes.Window.ToPositions;
        long largest = long.MinValue;
        for (int i = 0; i < window.Taps.Length; i++)
        {
            walk = walk.Step(window.Taps[i]);
            if (!window.Shape.Holds(walk)) continue;

            // The layer's own output there; only where its window begins is not needed.
            int position = (walk.Row * sizes.Window.ToColumns) + walk.Column;
            var place = new WindowPlace(
                pooled.Image, pooled.Channel, (pooled.Channel * positions) + position, default);
            long sum = exact.Sums[exact.At(place, positions)];
            var none = ConversionEvents.None;
            long value = FinishKernel.Output(sum, from, place, key, modes, ref none, ref none);
            largest = IntrinsicMath.Max(value, largest);
        }

        output[index] = (int)largest;
    }
}

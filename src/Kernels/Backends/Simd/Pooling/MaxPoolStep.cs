using System.Numerics;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Pooling;

/// <summary>The largest value in each window, vectors of channels at a time.</summary>
/// <remarks>
/// Needs windows that lie in the image, which is asserted, and tensors with slack for the last
/// vector.
/// </remarks>
internal sealed unsafe class MaxPoolStep<T>(MaxPoolLayer layer, StepPlace place) : Step
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly int[][] _offsets =
    [
        .. Enumerable
            .Range(0, layer.Output.Shape.Positions)
            .Select(p => Offsets(
                new(layer.Geometry, layer.Input.Shape, layer.Output.Shape, p),
                place.Inputs[0].Length)),
    ];

    public override void Run(Workspace workspace, ImageBlock block)
    {
        int channels = place.Shape.Channels;
        T* from = workspace.Tensor<T>(layer.Inputs[0], block.Images);
        T* to = workspace.Tensor<T>(place.OutputTensor, block.Images);
        for (int image = 0; image < block.Images; image++)
        {
            foreach (int[] offsets in _offsets)
            {
                // What a last vector writes too much is the next position's, written later.
                for (int channel = 0; channel < channels; channel += Vector<T>.Count)
                {
                    Vector<T> largest = Vector.Load(from + offsets[0] + channel);
                    for (int i = 1; i < offsets.Length; i++)
                        largest = Vector.Max(largest, Vector.Load(from + offsets[i] + channel));
                    largest.Store(to + channel);
                }

                to += channels;
            }

            from += place.Inputs[0].Length;
        }
    }

    /// <summary>Where a window's values lie: at least one, all in the image.</summary>
    private static int[] Offsets(PoolWindow window, int length)
    {
        int[] offsets = [.. Enumerable.Range(0, window.Count).Select(window.Offset)];
        Door.Needs(offsets.Length > 0 && offsets.Min() >= 0 && offsets.Max() < length);
        return offsets;
    }
}

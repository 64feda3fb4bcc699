using System.Numerics;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Pooling;

/// <summary>The largest value in each window, vectors of channels at a time.</summary>
internal sealed unsafe class MaxPoolStep<T>(MaxPoolLayer layer, StepPlace place) : Step
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly int[][] _offsets =
    [
        .. Enumerable
            .Range(0, layer.Output.Shape.Positions)
            .Select(p => Offsets(new(layer.Geometry, layer.Input.Shape, layer.Output.Shape, p))),
    ];

    public override void Run(Workspace workspace, ImageBlock block)
    {
        int channels = place.Shape.Channels;
        T* from = (T*)workspace.Tensor(layer.Inputs[0]);
        T* to = (T*)workspace.Tensor(place.OutputTensor);
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

    private static int[] Offsets(PoolWindow window) =>
        [.. Enumerable.Range(0, window.Count).Select(window.Offset)];
}

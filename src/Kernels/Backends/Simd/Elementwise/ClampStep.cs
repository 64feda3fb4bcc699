using System.Numerics;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>A clamp of values as they are stored.</summary>
internal sealed unsafe class ClampStep<T>(ClampLayer layer, StepPlace place) : Step
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly Vector<T> _min = Stored(layer.Min, place.Output);
    private readonly Vector<T> _max = Stored(layer.Max, place.Output);

    public override void Run(Workspace workspace, ImageBlock block)
    {
        T* from = (T*)workspace.Tensor(layer.Inputs[0]);
        T* to = (T*)workspace.Tensor(place.OutputTensor);
        long count = (long)block.Images * place.Output.Length;
        for (long i = 0; i < count; i += Vector<T>.Count)
            Vector.Min(Vector.Max(Vector.Load(from + i), _min), _max).Store(to + i);
    }

    private static Vector<T> Stored(long raw, TensorLayout layout) =>
        new(
            T.CreateTruncating(
                Math.Clamp(raw, layout.Type.MinRaw, layout.Type.MaxRaw) - layout.Offset)
        );
}

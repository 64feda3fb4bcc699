using System.Numerics;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>A clamp of values as they are stored.</summary>
/// <remarks>Needs tensors of one length, with slack for the last vector.</remarks>
internal sealed unsafe class ClampStep<T>(ClampLayer layer, StepPlace place) : Step
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly Vector<T> _min = Stored(layer.Min, place.Output);
    private readonly Vector<T> _max = Stored(layer.Max, place.Output);

    public override void Run(Workspace workspace, ImageBlock block)
    {
        T* from = workspace.Tensor<T>(layer.Inputs[0], block.Images);
        T* to = workspace.Tensor<T>(place.OutputTensor, block.Images);
        Door.Needs(place.Inputs[0].Length == place.Output.Length);
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

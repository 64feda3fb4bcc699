using System.Numerics;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>
/// The same values in another shape. Shapes follow [channel][row][column] while channels lie
/// together in memory, so values move unless there is one position or one channel on both sides.
/// </summary>
/// <remarks>Needs tensors of one length.</remarks>
internal sealed unsafe class ReshapeStep<T>(ReshapeLayer layer, StepPlace place) : Step
    where T : unmanaged, IBinaryInteger<T>
{
    /// <summary>
    /// For each stored value of the output, the stored value of the input; null for the same order.
    /// </summary>
    private readonly int[]? _moves = Moves(place.Inputs[0].Type.Shape, place.Shape);

    public override void Run(Workspace workspace, ImageBlock block)
    {
        T* from = workspace.Tensor<T>(layer.Inputs[0], block.Images);
        T* to = workspace.Tensor<T>(place.OutputTensor, block.Images);
        int length = place.Output.Length;
        Door.Needs(place.Inputs[0].Length == length);
        if (_moves is null)
        {
            long bytes = (long)block.Images * length * sizeof(T);
            Buffer.MemoryCopy(from, to, bytes, bytes);
            return;
        }

        for (int image = 0; image < block.Images; image++)
        {
            foreach (int move in _moves) *to++ = from[move];
            from += length;
        }
    }

    private static int[]? Moves(TensorShape from, TensorShape to)
    {
        var moves = new int[to.Length];
        for (int planar = 0; planar < moves.Length; planar++)
            moves[Stored(planar, to)] = Stored(planar, from);
        return moves.Where((move, index) => move != index).Any() ? moves : null;
    }

    private static int Stored(int planar, TensorShape shape) =>
        (planar % shape.Positions * shape.Channels) + (planar / shape.Positions);
}

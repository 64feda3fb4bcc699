using System.Numerics;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>Values moved, repeated, left out, or the zero point.</summary>
/// <remarks>Needs sources within the input, which RearrangeLayer.WhyNot asserts.</remarks>
internal sealed unsafe class RearrangeStep<T>(RearrangeLayer layer, StepPlace place) : Step
    where T : unmanaged, IBinaryInteger<T>
{
    /// <summary>
    /// For each stored value of the output the stored value of the input; -1 for the zero point.
    /// </summary>
    private readonly int[] _moves = Moves(layer, place);

    private readonly T _zero =
        T.CreateTruncating(layer.Output.ZeroPoint - place.Output.Offset);

    public override void Run(Workspace workspace, ImageBlock block)
    {
        T* from = workspace.Tensor<T>(layer.Inputs[0], block.Images);
        T* to = workspace.Tensor<T>(place.OutputTensor, block.Images);
        Door.Needs(_moves.Length == place.Output.Length);
        for (int image = 0; image < block.Images; image++)
        {
            foreach (int move in _moves) *to++ = move < 0 ? _zero : from[move];
            from += place.Inputs[0].Length;
        }
    }

    private static int[] Moves(RearrangeLayer layer, StepPlace place)
    {
        TensorShape from = place.Inputs[0].Type.Shape, to = place.Shape;
        Door.Needs(layer.Sources.All(s => s >= -1 && s < from.Length));
        var moves = new int[to.Length];
        for (int planar = 0; planar < moves.Length; planar++)
        {
            int source = layer.Sources[planar];
            moves[Stored(planar, to)] = source < 0 ? -1 : Stored(source, from);
        }

        return moves;
    }

    /// <summary>Where a value lies: channels of a position are beside each other.</summary>
    private static int Stored(int planar, TensorShape shape) =>
        (planar % shape.Positions * shape.Channels) + (planar / shape.Positions);
}

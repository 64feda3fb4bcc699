using System.Runtime.Intrinsics;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// max(x, 0); the gradient passes where the output is above 0. Where nobody else reads x, it is
/// done where x lies.
/// </summary>
/// <remarks>
/// Needs a workspace of this network, whose tensors Workspace makes as long as their shapes
/// say.
/// </remarks>
internal sealed unsafe class ReluKernel(FloatNetwork network, int index)
    : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length * ImageLanes.Count;

    public override bool BackwardReadsOutput => true;

    public override void Forward(Workspace work)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        Epilogue end = new(adds: false, 0);
        for (int i = 0; i < _length; i += Vector256<float>.Count)
            Vector256.Store(end.Finish(Vector256.Load(x + i), y + i), y + i);
    }

    public override void Backward(Workspace work)
    {
        float* y = work.Values[Output], dy = work.Gradients[Output], dx = work.Gradients[Input];
        Epilogue end = new(Adds[0], float.NegativeInfinity);
        for (int i = 0; i < _length; i += Vector256<float>.Count)
        {
            Vector256<float> passes = Vector256.GreaterThan(
                Vector256.Load(y + i), Vector256<float>.Zero);
            Vector256<float> passed = Vector256.ConditionalSelect(
                passes, Vector256.Load(dy + i), Vector256<float>.Zero);
            Vector256.Store(end.Finish(passed, dx + i), dx + i);
        }
    }
}

/// <summary>The same values in another shape.</summary>
internal sealed unsafe class FlattenKernel(FloatNetwork network, int index)
    : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length * ImageLanes.Count;

    public override void Forward(Workspace work)
    {
        if (!IsInPlace)
            VectorCopy.Run(work.Values[Input], work.Values[Output], _length, adds: false);
    }

    public override void Backward(Workspace work)
    {
        if (!IsInPlace)
            VectorCopy.Run(work.Gradients[Output], work.Gradients[Input], _length, Adds[0]);
    }
}

using System.Runtime.Intrinsics;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Values moved, repeated or left out; a gradient goes back the same way.</summary>
/// <remarks>
/// Needs a workspace of this network, whose tensors Workspace makes as long as their shapes
/// say; sources within the input, which RearrangeLayer.OutputShape asserts.
/// </remarks>
internal sealed unsafe class RearrangeKernel(
    FloatNetwork network, int index, RearrangeLayer layer) : LayerKernel(network, index)
{
    private readonly int _inputs =
        network.Shape(network.Layers[index].Inputs[0]).Length * ImageLanes.Count;

    public override void Forward(Workspace work)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        foreach (int source in layer.Sources)
        {
            var to = new Span<float>(y, ImageLanes.Count);
            if (source < 0) to.Clear();
            else new Span<float>(x + (source * ImageLanes.Count), ImageLanes.Count).CopyTo(to);
            y += ImageLanes.Count;
        }
    }

    public override void Backward(Workspace work)
    {
        float* dx = work.Gradients[Input], dy = work.Gradients[Output];
        if (!Adds[0]) new Span<float>(dx, _inputs).Clear();
        foreach (int source in layer.Sources)
        {
            if (source >= 0)
                VectorCopy.Run(
                    dy, dx + (source * ImageLanes.Count), ImageLanes.Count, adds: true);
            dy += ImageLanes.Count;
        }
    }
}

/// <summary>Product of two tensors; each gets the gradient times the other.</summary>
internal sealed unsafe class MultiplyKernel(FloatNetwork network, int index)
    : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length * ImageLanes.Count;

    public override bool BackwardReadsInput => true;

    public override void Forward(Workspace work)
    {
        float* a = work.Values[Inputs[0]], b = work.Values[Inputs[1]], y = work.Values[Output];
        for (int i = 0; i < _length; i += Vector256<float>.Count)
            Vector256.Store(Vector256.Load(a + i) * Vector256.Load(b + i), y + i);
    }

    public override void Backward(Workspace work)
    {
        for (int j = 0; j < 2; j++)
        {
            float* dy = work.Gradients[Output], dx = work.Gradients[Inputs[j]],
                other = work.Values[Inputs[1 - j]];
            Epilogue end = new(Adds[j], float.NegativeInfinity);
            for (int i = 0; i < _length; i += Vector256<float>.Count)
                Vector256.Store(
                    end.Finish(Vector256.Load(dy + i) * Vector256.Load(other + i), dx + i), dx + i);
        }
    }
}

/// <summary>A function of each value.</summary>
internal sealed unsafe class PointKernel(FloatNetwork network, int index, PointLayer layer)
    : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length * ImageLanes.Count;

    public override bool BackwardReadsInput => true;

    public override void Forward(Workspace work)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        for (int i = 0; i < _length; i++) y[i] = (float)layer.Value(x[i]);
    }

    public override void Backward(Workspace work)
    {
        float* x = work.Values[Input], dy = work.Gradients[Output], dx = work.Gradients[Input];
        for (int i = 0; i < _length; i++)
            dx[i] = (Adds[0] ? dx[i] : 0) + (float)(layer.Slope(x[i]) * dy[i]);
    }
}

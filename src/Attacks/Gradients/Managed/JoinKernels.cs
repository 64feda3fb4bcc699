using System.Runtime.Intrinsics;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Copies vectors, or adds them to what is there.</summary>
/// <remarks>
/// Needs whole vectors: blocks are multiples of ImageLanes.Count, which is two vectors or more.
/// </remarks>
internal static unsafe class VectorCopy
{
    public static void Run(float* from, float* to, int length, bool adds)
    {
        Epilogue end = new(adds, float.NegativeInfinity);
        for (int i = 0; i < length; i += Vector256<float>.Count)
            Vector256.Store(end.Finish(Vector256.Load(from + i), to + i), to + i);
    }
}

/// <summary>Sum of two tensors; both get the gradient.</summary>
internal sealed unsafe class AddKernel(FloatNetwork network, int index)
    : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length * ImageLanes.Count;

    public override void Forward(Workspace work)
    {
        float* a = work.Values[Inputs[0]], b = work.Values[Inputs[1]], y = work.Values[Output];
        for (int i = 0; i < _length; i += Vector256<float>.Count)
            Vector256.Store(Vector256.Load(a + i) + Vector256.Load(b + i), y + i);
    }

    public override void Backward(Workspace work)
    {
        for (int i = 0; i < Inputs.Length; i++)
            VectorCopy.Run(work.Gradients[Output], work.Gradients[Inputs[i]], _length, Adds[i]);
    }
}

/// <summary>Tensors behind one another along the channels.</summary>
internal sealed unsafe class ConcatKernel(FloatNetwork network, int index)
    : LayerKernel(network, index)
{
    public override void Forward(Workspace work)
    {
        float* y = work.Values[Output];
        foreach (int input in Inputs)
        {
            int length = Network.Shape(input).Length * ImageLanes.Count;
            new ReadOnlySpan<float>(work.Values[input], length).CopyTo(new Span<float>(y, length));
            y += length;
        }
    }

    public override void Backward(Workspace work)
    {
        float* dy = work.Gradients[Output];
        for (int i = 0; i < Inputs.Length; i++)
        {
            int length = Network.Shape(Inputs[i]).Length * ImageLanes.Count;
            VectorCopy.Run(dy, work.Gradients[Inputs[i]], length, Adds[i]);
            dy += length;
        }
    }
}

/// <summary><c>y = scale * x + shift</c> per channel.</summary>
internal sealed unsafe class BatchNormKernel(FloatNetwork network, int index, BatchNormLayer layer)
    : LayerKernel(network, index)
{
    private readonly int _channels = network.Shape(index + 1).Channels;
    private readonly int _positions = network.Shape(index + 1).Positions;

    private int Plane => _positions * ImageLanes.Count;

    public override void Forward(Workspace work)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        for (int c = 0; c < _channels; c++, x += Plane, y += Plane)
        {
            Vector256<float> scale = Vector256.Create(layer.Scale[c]),
                shift = Vector256.Create(layer.Shift[c]);
            for (int i = 0; i < Plane; i += Vector256<float>.Count)
                Vector256.Store((scale * Vector256.Load(x + i)) + shift, y + i);
        }
    }

    public override void Backward(Workspace work)
    {
        float* dx = work.Gradients[Input], dy = work.Gradients[Output];
        Epilogue end = new(Adds[0], float.NegativeInfinity);
        for (int c = 0; c < _channels; c++, dx += Plane, dy += Plane)
        {
            Vector256<float> scale = Vector256.Create(layer.Scale[c]);
            for (int i = 0; i < Plane; i += Vector256<float>.Count)
                Vector256.Store(end.Finish(scale * Vector256.Load(dy + i), dx + i), dx + i);
        }
    }

    public override void ParameterGradients(Workspace work, float* gradients)
    {
        float* x = work.Values[Input], dy = work.Gradients[Output];
        for (int c = 0; c < _channels; c++, x += Plane, dy += Plane)
        {
            gradients[c] += LaneSums.Dot(x, dy, _positions);
            gradients[_channels + c] += LaneSums.Sum(dy, _positions);
        }
    }
}

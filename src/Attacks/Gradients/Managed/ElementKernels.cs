using System.Numerics;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>max(x, 0); the gradient passes where the output is above 0.</summary>
internal sealed unsafe class ReluKernel(FloatNetwork network, int index) : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length;

    public override bool BackwardReadsOutput => true;

    public override void Forward(Workspace work, int images)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        int length = _length * images, i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Store(Vector.Max(Vector.Load(x + i), Vector<float>.Zero), y + i);
        for (; i < length; i++) y[i] = MathF.Max(x[i], 0);
    }

    public override void Backward(Workspace work, int images)
    {
        float* y = work.Values[Output], dy = work.Gradients[Output], dx = work.Gradients[Input];
        int length = _length * images, i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<int> passes = Vector.GreaterThan(Vector.Load(y + i), Vector<float>.Zero);
            Vector<float> passed = Vector.ConditionalSelect(passes, Vector.Load(dy + i), Vector<float>.Zero);
            Vector.Store(Vector.Load(dx + i) + passed, dx + i);
        }

        for (; i < length; i++) dx[i] += y[i] > 0 ? dy[i] : 0;
    }
}

/// <summary>The same values in another shape.</summary>
internal sealed unsafe class FlattenKernel(FloatNetwork network, int index) : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length;

    public override void Forward(Workspace work, int images) =>
        new ReadOnlySpan<float>(work.Values[Input], _length * images)
            .CopyTo(new Span<float>(work.Values[Output], _length * images));

    public override void Backward(Workspace work, int images)
    {
        float* dy = work.Gradients[Output], dx = work.Gradients[Input];
        for (int i = 0; i < _length * images; i++) dx[i] += dy[i];
    }
}

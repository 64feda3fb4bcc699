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
        for (int i = 0; i < _length * images; i++) y[i] = x[i] > 0 ? x[i] : 0;
    }

    public override void Backward(Workspace work, int images)
    {
        float* y = work.Values[Output], dy = work.Gradients[Output], dx = work.Gradients[Input];
        for (int i = 0; i < _length * images; i++)
            if (y[i] > 0) dx[i] += dy[i];
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

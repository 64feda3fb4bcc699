using QSim.Simulator.Networks;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>Values as a format holds them; the gradient passes where the input lies in the format's range.</summary>
internal sealed unsafe class FakeQuantizeKernel(FloatNetwork network, int index, FakeQuantizer quantizer)
    : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length;

    public override bool BackwardReadsInput => true;

    public override void Forward(Workspace work, int images) => quantizer.Apply(
        new ReadOnlySpan<float>(work.Values[Input], _length * images),
        new Span<float>(work.Values[Output], _length * images));

    public override void Backward(Workspace work, int images)
    {
        float* x = work.Values[Input], dy = work.Gradients[Output], dx = work.Gradients[Input];
        for (int i = 0; i < _length * images; i++)
            if (quantizer.Passes(x[i])) dx[i] += dy[i];
    }
}

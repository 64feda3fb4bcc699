using QSim.Simulator.Networks;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Values as a format holds them; the gradient passes where the input lies in the format's range.
/// </summary>
/// <remarks>
/// Needs a workspace of this network, whose tensors Workspace makes as long as their shapes
/// say.
/// </remarks>
internal sealed unsafe class FakeQuantizeKernel(
    FloatNetwork network, int index, FakeQuantizer quantizer) : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length * ImageLanes.Count;

    public override bool BackwardReadsInput => true;

    public override void Forward(Workspace work) =>
        quantizer.Apply(
            new ReadOnlySpan<float>(work.Values[Input], _length),
            new Span<float>(work.Values[Output], _length));

    public override void Backward(Workspace work)
    {
        float* x = work.Values[Input], dy = work.Gradients[Output], dx = work.Gradients[Input];
        for (int i = 0; i < _length; i++)
            dx[i] = (Adds[0] ? dx[i] : 0) + (quantizer.Passes(x[i]) ? dy[i] : 0);
    }
}

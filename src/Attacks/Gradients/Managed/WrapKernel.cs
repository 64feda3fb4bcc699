using QSim.Attacks.Methods.Adaptive;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>The smoothed wrap of <see cref="WrapLayer"/>.</summary>
/// <remarks>
/// Needs a workspace of this network, whose tensors Workspace makes as long as their shapes say.
/// </remarks>
internal sealed unsafe class WrapKernel(FloatNetwork network, int index, WrapLayer layer)
    : LayerKernel(network, index)
{
    private readonly int _positions = network.Shape(index + 1).Positions * ImageLanes.Count;

    public override bool BackwardReadsInput => true;

    public override void Forward(Workspace work)
    {
        float* x = work.Values[Input], y = work.Values[Output];
        for (int c = 0, i = 0; c < layer.Periods.Length; c++)
            for (int end = i + _positions; i < end; i++)
                y[i] = WrapLayer.At(x[i], layer.Periods[c]).Value;
    }

    public override void Backward(Workspace work)
    {
        float* x = work.Values[Input],
            dy = work.Gradients[Output],
            dx = work.Gradients[Input];
        for (int c = 0, i = 0; c < layer.Periods.Length; c++)
            for (int end = i + _positions; i < end; i++)
                dx[i] = (Adds[0] ? dx[i] : 0)
                    + (WrapLayer.At(x[i], layer.Periods[c]).Slope * dy[i]);
    }
}

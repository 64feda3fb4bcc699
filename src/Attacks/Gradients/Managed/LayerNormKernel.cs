using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>A norm of each channel (<see cref="LayerNormLayer"/>).</summary>
/// <remarks>
/// Needs a workspace of this network, whose tensors Workspace makes as long as their shapes
/// say.
/// </remarks>
internal sealed unsafe class LayerNormKernel(
    FloatNetwork network, int index, LayerNormLayer layer) : LayerKernel(network, index)
{
    private readonly int _channels = network.Shape(index + 1).Channels;
    private readonly int _row = layer.Scale.Length * ImageLanes.Count;

    public override bool BackwardReadsInput => true;

    public override void Forward(Workspace work)
    {
        for (int c = 0; c < _channels; c++)
            for (int lane = 0; lane < ImageLanes.Count; lane++)
                layer.Forward(
                    Row(work.Values[Input], c, lane), Row(work.Values[Output], c, lane),
                    ImageLanes.Count);
    }

    public override void Backward(Workspace work)
    {
        for (int c = 0; c < _channels; c++)
            for (int lane = 0; lane < ImageLanes.Count; lane++)
                layer.Backward(
                    Row(work.Values[Input], c, lane), Row(work.Gradients[Output], c, lane),
                    Row(work.Gradients[Input], c, lane), Adds[0], ImageLanes.Count);
    }

    /// <summary>One image's numbers of a channel, as far apart as images are many.</summary>
    private Span<float> Row(float* tensor, int channel, int lane) =>
        new(tensor + ((long)channel * _row) + lane, _row - lane);
}

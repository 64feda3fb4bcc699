using QSim.Certificates.Linear;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>A layer whose arguments are sums over windows of one tensor.</summary>
/// <param name="layer">The layer.</param>
/// <param name="map">Inputs to sums.</param>
internal abstract class WindowBound(ProgramLayer layer, WindowMap map) : LayerBound(layer)
{
    /// <summary>Inputs to sums.</summary>
    public WindowMap Map => map;

    /// <inheritdoc/>
    public override int Fan => map.Fan;

    /// <inheritdoc/>
    public override void PushBack(BackwardPass pass, double[] arguments, bool[] live) =>
        map.PushBack(pass.Of(Layer.Inputs[0]), arguments, live, pass.Rows);

    /// <inheritdoc/>
    public override void PushForward(
        IReadOnlyList<double[]> inputs, double[] arguments, int rows) =>
        map.PushForward(inputs[0], arguments, rows);
}

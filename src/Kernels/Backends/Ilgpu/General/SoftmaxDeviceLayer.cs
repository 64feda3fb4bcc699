using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Softmax by tables.</summary>
internal sealed class SoftmaxDeviceLayer(SoftmaxLayer layer, DeviceSession session) : DeviceLayer
{
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _exponentials =
        session.Upload(layer.ExpTable.ToArray());

    private readonly MemoryBuffer1D<int, Stride1D.Dense> _reciprocals =
        session.Upload(layer.Divides ? [0] : layer.InverseTable.ToArray());

    /// <inheritdoc/>
    public override long ScratchPerImage => 2 * layer.Input.Shape.Length;

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        TensorShape shape = layer.Input.Shape;
        long values = (long)launch.Images * shape.Length;
        var spec = new SoftmaxSpec(
            shape.Channels,
            shape.Positions,
            Flag(layer.Input.IsSigned),
            layer.Kind,
            layer.AddressBits,
            int.Log2(layer.ExpTable.Length),
            int.Log2(Math.Max(1, layer.InverseTable.Length)),
            layer.Difference,
            layer.Exponential,
            layer.Sum,
            layer.InverseInput,
            layer.Product,
            layer.Factor,
            layer.Output.ZeroPoint,
            launch.CollectsEvents);
        session.Kernels.Softmax(
            launch.Stream,
            launch.Images * shape.Positions,
            launch.Inputs[0],
            _exponentials.View,
            _reciprocals.View,
            launch.Scratch.SubView(0, values),
            launch.Scratch.SubView(values, values),
            launch.Output,
            launch.Events,
            spec,
            launch.Key);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _exponentials.Dispose();
        _reciprocals.Dispose();
    }
}

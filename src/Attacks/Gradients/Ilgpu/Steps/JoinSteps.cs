using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu.Steps;

/// <summary>Layers that move values without changing them.</summary>
internal abstract class CopyStep(FloatNetwork network, int index) : DeviceStep(network, index)
{
    /// <summary>An input's values to their place in the output.</summary>
    protected void CopyIn(DeviceTensors on, int input, int first)
    {
        int length = Lanes(Inputs[input]);
        on.Kernels.Copy(
            on.Stream, length * on.Blocks, on.Values[Inputs[input]], OutputOf(on),
            new(length, length, 0, Lanes(Output), first), Ending.Plain);
    }

    /// <summary>Part of the output's gradient to an input.</summary>
    protected void CopyBack(DeviceTensors on, int input, int first)
    {
        int length = Lanes(Inputs[input]);
        on.Kernels.Copy(
            on.Stream, length * on.Blocks, on.Gradients[Output], GradientOf(on, input),
            new(length, Lanes(Output), first, length, 0), Endings[input]);
    }

    /// <summary>Values of a block.</summary>
    protected int Lanes(int tensor) => Network.Shape(tensor).Length * ImageBlocks.Lanes;
}

/// <summary>The same values in another shape.</summary>
internal sealed class FlattenStep(FloatNetwork network, int index) : CopyStep(network, index)
{
    /// <inheritdoc/>
    public override void Forward(DeviceTensors on)
    {
        if (!IsInPlace) CopyIn(on, 0, 0);
    }

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on)
    {
        if (!IsInPlace) CopyBack(on, 0, 0);
    }
}

/// <summary>Sum of two tensors; both get the gradient.</summary>
internal sealed class AddStep(FloatNetwork network, int index) : CopyStep(network, index)
{
    /// <inheritdoc/>
    public override void Forward(DeviceTensors on) => on.Kernels.Add(
        on.Stream, on.Length(Output), on.Values[Inputs[0]], on.Values[Inputs[1]], OutputOf(on),
        Ending.Plain);

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on)
    {
        CopyBack(on, 0, 0);
        CopyBack(on, 1, 0);
    }
}

/// <summary>Tensors behind one another along the channels.</summary>
internal sealed class ConcatStep(FloatNetwork network, int index) : CopyStep(network, index)
{
    /// <inheritdoc/>
    public override void Forward(DeviceTensors on)
    {
        for (int i = 0, first = 0; i < Inputs.Length; first += Lanes(Inputs[i]), i++)
            CopyIn(on, i, first);
    }

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on)
    {
        for (int i = 0, first = 0; i < Inputs.Length; first += Lanes(Inputs[i]), i++)
            CopyBack(on, i, first);
    }
}

/// <summary><c>y = scale * x + shift</c> per channel.</summary>
internal sealed class BatchNormStep : DeviceStep
{
    private readonly DeviceSession _session;
    private readonly BatchNormLayer _layer;
    private MemoryBuffer1D<float, Stride1D.Dense>? _scale;
    private MemoryBuffer1D<float, Stride1D.Dense>? _shift;
    private MemoryBuffer1D<float, Stride1D.Dense>? _zero;

    public BatchNormStep(
        FloatNetwork network, int index, DeviceSession session, BatchNormLayer layer)
        : base(network, index)
    {
        (_session, _layer) = (session, layer);
        Upload();
    }

    private int Positions => Network.Shape(Output).Positions;

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on) => on.Kernels.Scale(
        on.Stream, on.Length(Output), on.Values[Input], _scale!.View, _shift!.View, OutputOf(on),
        Positions, Ending.Plain);

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on) => on.Kernels.Scale(
        on.Stream, on.Length(Output), on.Gradients[Output], _scale!.View, _zero!.View,
        GradientOf(on), Positions, Endings[0]);

    /// <inheritdoc/>
    public override void Upload()
    {
        Dispose();
        _scale = _session.Upload(_layer.Scale);
        _shift = _session.Upload(_layer.Shift);
        _zero = _session.Upload(new float[_layer.Scale.Length]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _session.Free(_scale);
        _session.Free(_shift);
        _session.Free(_zero);
        (_scale, _shift, _zero) = (null, null, null);
    }
}

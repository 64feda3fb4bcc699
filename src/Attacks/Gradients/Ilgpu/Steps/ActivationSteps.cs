using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu.Steps;

/// <summary>
/// max(x, 0). In place it is done where x lies, and so is its gradient.
/// </summary>
internal sealed class ReluStep(FloatNetwork network, int index) : DeviceStep(network, index)
{
    /// <summary>
    /// Whether the layer that gives the output its gradient leaves out what was cut off.
    /// </summary>
    public bool IsMaskedByReader { get; set; }

    /// <inheritdoc/>
    public override bool BackwardReadsOutput => true;

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on) => on.Kernels.Relu(
        on.Stream, on.Length(Output), on.Values[Input], on.Values[Output]);

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on)
    {
        if (IsMaskedByReader) return;
        on.Kernels.Pass(
            on.Stream, on.Length(Output), on.Values[Output], on.Gradients[Output],
            GradientOf(on), Endings[0]);
    }
}

/// <summary>1 / (1 + exp(-x)).</summary>
internal sealed class SigmoidStep(FloatNetwork network, int index) : DeviceStep(network, index)
{
    /// <inheritdoc/>
    public override bool BackwardReadsOutput => true;

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on) => on.Kernels.Sigmoid(
        on.Stream, on.Length(Output), on.Values[Input], on.Values[Output]);

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on) => on.Kernels.SigmoidGradient(
        on.Stream, on.Length(Output), on.Values[Output], on.Gradients[Output], GradientOf(on),
        Endings[0]);
}

/// <summary>Hyperbolic tangent.</summary>
internal sealed class TanhStep(FloatNetwork network, int index) : DeviceStep(network, index)
{
    /// <inheritdoc/>
    public override bool BackwardReadsOutput => true;

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on) => on.Kernels.Tanh(
        on.Stream, on.Length(Output), on.Values[Input], on.Values[Output]);

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on) => on.Kernels.TanhGradient(
        on.Stream, on.Length(Output), on.Values[Output], on.Gradients[Output], GradientOf(on),
        Endings[0]);
}

/// <summary>Softmax over an image's features.</summary>
internal sealed class SoftmaxStep(FloatNetwork network, int index) : DeviceStep(network, index)
{
    private int Features => Network.Shape(Output).Length;

    /// <inheritdoc/>
    public override bool BackwardReadsOutput => true;

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on) => on.Kernels.Softmax(
        on.Stream, on.Images, on.Values[Input], on.Values[Output], Features);

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on) => on.Kernels.SoftmaxGradient(
        on.Stream, on.Images, on.Values[Output], on.Gradients[Output], GradientOf(on), Features,
        Endings[0]);
}

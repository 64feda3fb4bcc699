using ILGPU;
using ILGPU.Runtime;
using QSim.Simulator.Networks;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Gradients.Ilgpu.Steps;

/// <summary>
/// Values as a format holds them. Formats are worked out on the host, in 64 bits that not every
/// device has: only networks that are being trained have them.
/// </summary>
internal sealed class FakeQuantizeStep(FloatNetwork network, int index, FakeQuantizer quantizer)
    : DeviceStep(network, index)
{
    /// <inheritdoc/>
    public override bool BackwardReadsInput => true;

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on)
    {
        float[] values = Download(on);
        quantizer.Apply(values, values);
        Fill(on, on.Values[Output], values);
    }

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on)
    {
        float[] passes = [.. Download(on).Select(x => quantizer.Passes(x) ? 1f : 0)];
        ArrayView<float> mask = on.Hosted;
        Fill(on, mask, passes);
        on.Kernels.Pass(
            on.Stream, on.Length(Output), mask, on.Gradients[Output], GradientOf(on), Endings[0]);
    }

    private float[] Download(DeviceTensors on)
    {
        float[] values = new float[on.Length(Input)];
        on.Values[Input].SubView(0, values.Length).CopyToCPU(on.Stream, values);
        on.Stream.Synchronize();
        return values;
    }

    private static void Fill(DeviceTensors on, ArrayView<float> to, float[] values)
    {
        to.SubView(0, values.Length).CopyFromCPU(on.Stream, values);
        on.Stream.Synchronize();
    }
}

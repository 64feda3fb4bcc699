using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu.Steps;

/// <summary>Values moved, repeated or left out; a gradient goes back the same way.</summary>
internal sealed class RearrangeStep : DeviceStep
{
    private readonly DeviceSession _session;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _sources;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _first;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _readers;

    public RearrangeStep(
        FloatNetwork network, int index, DeviceSession session, RearrangeLayer layer)
        : base(network, index)
    {
        _session = session;
        ILookup<int, int> readers = layer.Sources
            .Select((source, output) => (source, output))
            .Where(p => p.source >= 0)
            .ToLookup(p => p.source, p => p.output);
        List<int> first = [0], all = [];
        for (int i = 0; i < network.Shape(Input).Length; i++)
        {
            all.AddRange(readers[i]);
            first.Add(all.Count);
        }

        if (all.Count == 0) all.Add(0);
        _sources = session.Upload(layer.Sources.ToArray());
        _first = session.Upload(first.ToArray());
        _readers = session.Upload(all.ToArray());
    }

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on) => on.Kernels.Rearrange(
        on.Stream, on.Length(Output), on.Values[Input], _sources.View, on.Values[Output],
        Network.Shape(Input).Length);

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on) => on.Kernels.RearrangeGradient(
        on.Stream, on.Length(Input), on.Gradients[Output], _first.View, _readers.View,
        GradientOf(on), Network.Shape(Output).Length, Endings[0]);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _session.Free(_sources);
        _session.Free(_first);
        _session.Free(_readers);
    }
}

/// <summary>Product of two tensors; each gets the gradient times the other.</summary>
internal sealed class MultiplyStep(FloatNetwork network, int index) : DeviceStep(network, index)
{
    /// <inheritdoc/>
    public override bool BackwardReadsInput => true;

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on) => Kernel(on)(
        on.Stream, on.Length(Output), on.Values[Inputs[0]], on.Values[Inputs[1]], OutputOf(on),
        Ending.Plain);

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on)
    {
        for (int j = 0; j < 2; j++)
            Kernel(on)(
                on.Stream, on.Length(Output), on.Gradients[Output], on.Values[Inputs[1 - j]],
                GradientOf(on, j), Endings[j]);
    }

    private static Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, Target, Ending> Kernel(
        DeviceTensors on) => on.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, Target, Ending>(MovingKernels.Multiply));
}

/// <summary>A function of each value.</summary>
internal sealed class PointStep(FloatNetwork network, int index, PointLayer layer)
    : DeviceStep(network, index)
{
    private PointConstants Constants => new(layer.Function, (float)layer.A, (float)layer.B);

    /// <inheritdoc/>
    public override bool BackwardReadsInput => true;

    /// <inheritdoc/>
    public override void Forward(DeviceTensors on) => on.Kernels.Function(
        on.Stream, on.Length(Output), on.Values[Input], on.Values[Output], Constants.Function,
        Constants.A, Constants.B);

    /// <inheritdoc/>
    public override void Backward(DeviceTensors on) => on.Kernels.FunctionGradient(
        on.Stream, on.Length(Output), on.Values[Input], on.Gradients[Output], GradientOf(on),
        Constants, Endings[0]);
}

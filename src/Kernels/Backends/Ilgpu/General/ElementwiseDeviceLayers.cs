using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

internal sealed class ClampDeviceLayer(ClampLayer layer, DeviceSession session) : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        int length = layer.Output.Shape.Length;
        var spec = new ElementSpec(
            Flag(layer.Output.IsSigned), length, length, Offset: 0, Events: 0);
        session.Kernels.Clamp(
            launch.Stream, launch.Images * length, launch.Inputs[0], launch.Output, spec, layer.Min,
            layer.Max);
    }
}

/// <summary>A function by table.</summary>
internal sealed class LookupDeviceLayer(LookupLayer layer, DeviceSession session) : DeviceLayer
{
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _table =
        session.Upload(layer.Table.ToArray());

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        int length = layer.Output.Shape.Length;
        session.Kernels.Lookup(
            launch.Stream,
            launch.Images * length,
            launch.Inputs[0],
            _table.View,
            launch.Output,
            launch.Events,
            new(Flag(layer.Input.IsSigned), length, length, Offset: 0, launch.CollectsEvents),
            layer.Index,
            layer.Conversion,
            launch.Key);
    }

    /// <inheritdoc/>
    public override void Dispose() => _table.Dispose();
}

/// <summary>
/// A sum of tensors: of two in one pass, of more in one per operand and one for the result.
/// </summary>
internal sealed class AddDeviceLayer(
    AddLayer layer, QuantizedProgram program, DeviceSession session) : DeviceLayer
{
    /// <inheritdoc/>
    public override long ScratchPerImage => IsPair ? 0 : layer.Output.Shape.Length;

    private bool IsPair => layer.Inputs.Length == 2;

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        if (IsPair) AddTwo(launch);
        else AddAll(launch);
    }

    private void AddTwo(in LayerLaunch launch)
    {
        int length = layer.Output.Shape.Length;
        session.Kernels.AddTwo(
            launch.Stream, launch.Images * length, launch.Inputs[0], launch.Inputs[1],
            launch.Results,
            new(
                length, Flag(program.Tensor(layer.Inputs[0]).IsSigned),
                Flag(program.Tensor(layer.Inputs[1]).IsSigned), layer.Operands[0],
                layer.Operands[1], layer.Real, launch.CollectsEvents),
            layer.Requantization, launch.Key);
    }

    private void AddAll(in LayerLaunch launch)
    {
        int length = layer.Output.Shape.Length;
        int threads = launch.Images * length;
        for (int i = 0; i < launch.Inputs.Length; i++)
        {
            int isSigned = Flag(program.Tensor(layer.Inputs[i]).IsSigned);
            session.Kernels.AddScaled(
                launch.Stream,
                threads,
                launch.Inputs[i],
                launch.Scratch,
                launch.Events,
                new(isSigned, length, length, Offset: 0, launch.CollectsEvents),
                layer.Operands[i],
                Flag(i == 0));
        }

        session.Kernels.RequantizeSum(
            launch.Stream,
            threads,
            launch.Scratch,
            launch.Output,
            launch.Events,
            new(InputSigned: 1, length, length, Offset: 0, launch.CollectsEvents),
            layer.Requantization,
            launch.Key);
    }
}

/// <summary>Tensors one after the other: one launch per input.</summary>
internal sealed class ConcatDeviceLayer(
    ConcatLayer layer, QuantizedProgram program, DeviceSession session) : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        int offset = 0;
        for (int i = 0; i < launch.Inputs.Length; i++)
        {
            TensorType input = program.Tensor(layer.Inputs[i]);
            int length = input.Shape.Length;
            session.Kernels.Concatenate(
                launch.Stream,
                launch.Images * length,
                launch.Inputs[i],
                launch.Output,
                launch.Events,
                new(
                    Flag(input.IsSigned), length, layer.Output.Shape.Length, offset,
                    launch.CollectsEvents),
                layer.Parts[i],
                launch.Key);
            offset += length;
        }
    }
}

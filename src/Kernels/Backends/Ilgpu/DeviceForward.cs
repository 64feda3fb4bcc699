using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// A program for whoever works on the same device: inputs are there already, and what the layers
/// give stays there.
/// </summary>
internal sealed class DeviceForward : IDisposable
{
    private readonly QuantizedProgram _program;
    private readonly DeviceLayer?[] _layers;
    private readonly DeviceSession _session;
    private readonly IReadOnlySet<int> _taps;
    private readonly List<IDisposable> _memory = [];
    private readonly ArrayView<int>[] _tensors;
    private readonly ArrayView<long> _scratch;

    /// <summary>Takes the memory that it needs.</summary>
    /// <param name="program">The program.</param>
    /// <param name="layers">Its layers on the device; they outlive this.</param>
    /// <param name="session">The device.</param>
    /// <param name="capacity">Most images at a time.</param>
    /// <param name="taps">Tensors that are read besides the output.</param>
    public DeviceForward(
        QuantizedProgram program, DeviceLayer?[] layers, DeviceSession session, int capacity,
        IReadOnlySet<int> taps)
    {
        (_program, _layers, _session, _taps) = (program, layers, session, taps);
        _tensors = new ArrayView<int>[layers.Length + 1];
        try
        {
            for (int t = 0; t < _tensors.Length; t++)
                _tensors[t] = t > 0 && layers[t - 1] is null
                    ? _tensors[program.Layers[t - 1].Inputs[0]]
                    : Room<int>((long)program.Tensor(t).Shape.Length * capacity);
            _scratch = Room<long>(
                Math.Max(1, layers.Max(l => l?.ScratchPerImage ?? 0)) * capacity);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Raw values of a tensor, [image][channel][row][column]; 0 is the input.</summary>
    public ArrayView<int> Tensor(int tensor) => _tensors[tensor];

    /// <summary>Queues the program.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="count">Images of the input.</param>
    public void Queue(AcceleratorStream stream, int count)
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            if (_layers[i] is not { } layer) continue;
            bool fused = layer.FusesNext(events: false) && !_taps.Contains(i + 1);
            _session.Launching();
            layer.Launch(new LayerLaunch(
                stream, [.. _program.Layers[i].Inputs.Select(t => _tensors[t])],
                _tensors[fused ? i + 2 : i + 1], ArrayView<int>.Empty, _scratch, count,
                new(_program.Seed, 0, i), fused));
            if (fused) i++;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable memory in _memory) _session.Free(memory);
        _memory.Clear();
    }

    private ArrayView<T> Room<T>(long length)
        where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> room = _session.Allocate<T>(length);
        _memory.Add(room);
        return room.View;
    }
}

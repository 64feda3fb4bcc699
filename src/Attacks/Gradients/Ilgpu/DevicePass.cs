using QSim.Attacks.Gradients.Ilgpu.Steps;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// A network on a device: its layers, room for as many images as fit, and the forward and backward
/// pass over them. Whoever calls holds the session.
/// </summary>
internal sealed class DevicePass : IDisposable, IKeepsMemory
{
    private const long MostBytes = 8L << 30;

    private readonly FloatNetwork _network;
    private readonly DeviceSession _session;
    private readonly DeviceStep[] _steps;
    private readonly DevicePlan _plan;
    private DeviceTensors? _tensors;

    /// <summary>Uploads the parameters.</summary>
    public DevicePass(FloatNetwork network, DeviceSession session)
    {
        (_network, _session) = (network, session);
        _steps = new DeviceStep[network.Layers.Length];
        try
        {
            for (int i = 0; i < _steps.Length; i++)
                _steps[i] = DeviceSteps.Create(network, i, session);
        }
        catch
        {
            Dispose();
            throw;
        }

        _plan = new(_steps);
    }

    /// <summary>The room of the last <see cref="Take"/>.</summary>
    public DeviceTensors Tensors => _tensors!;

    /// <summary>Values of an image.</summary>
    public int Pixels => _network.Input.Length;

    /// <summary>Number of logits.</summary>
    public int Classes => _network.Classes;

    /// <summary>The logits' tensor.</summary>
    public int Last => _network.Layers.Length;

    /// <summary>Whether somebody reads a tensor's values under the plan chosen last.</summary>
    public bool IsNeeded(int tensor) => _plan.IsNeeded(tensor);

    /// <summary>Takes over the parameters that the network holds now.</summary>
    public void Refresh()
    {
        foreach (DeviceStep step in _steps) step.Upload();
    }

    /// <summary>Decides which layers are computed where some tensors are given.</summary>
    public void Choose(IReadOnlyCollection<int> given) => _plan.Choose(given);

    /// <summary>Whether there is room for so many images at once.</summary>
    public bool Holds(int images) => _tensors?.Capacity >= ImageBlocks.For(images);

    /// <summary>
    /// Makes room for images, for all of them or as many as fit, and says for how many.
    /// </summary>
    public int Take(int images)
    {
        int wanted = ImageBlocks.For(images);
        if (_tensors is null || _tensors.Capacity < wanted) Enlarge(wanted);
        return Math.Min(images, _tensors!.Capacity * ImageBlocks.Lanes);
    }

    /// <summary>Queues the layers that have to be computed.</summary>
    public void Forward()
    {
        foreach (DeviceStep step in _steps)
            if (_plan.Runs(step.Index)) Queue(step.Forward);
    }

    /// <summary>Queues the way back from the logits' gradient to the images'.</summary>
    public void Backward()
    {
        for (int i = _steps.Length - 1; i >= 0; i--)
            if (_plan.IsLive(i)) Queue(_steps[i].Backward);
    }

    /// <inheritdoc/>
    public void Release()
    {
        _tensors?.Dispose();
        _tensors = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        foreach (DeviceStep? step in _steps) step?.Dispose();
    }

    private void Queue(Action<DeviceTensors> work)
    {
        _session.Launching();
        work(Tensors);
    }

    /// <summary>Halves what is wanted until it fits into memory and 32-bit indices.</summary>
    private void Enlarge(int wanted)
    {
        int capacity = Blocks(wanted, _session.FreeBytes);
        if (capacity < Blocks(wanted, long.MaxValue / 2) && _session.Kept.Release())
            capacity = Blocks(wanted, _session.FreeBytes);
        if (_tensors is not null && _tensors.Capacity >= capacity) return;
        Release();
        while (true)
        {
            try
            {
                _tensors = new(_network, _plan.Homes, _session, capacity);
                return;
            }
            catch (Exception e) when (DeviceFailures.IsOutOfMemory(e) && capacity > 1)
            {
                capacity /= 2;
            }
        }
    }

    /// <summary>Blocks that so much memory has room for, beside those that are there.</summary>
    private int Blocks(int wanted, long free)
    {
        long perBlock = DeviceTensors.FloatsPerBlock(_network) * sizeof(float);
        int kept = _tensors?.Capacity ?? 0;
        long beside = DeviceTensors.FloatsBeside(_network) * sizeof(float);
        free += (kept * perBlock) - beside;
        long most = Math.Min(
            Math.Min(free / 2, MostBytes) / perBlock,
            int.MaxValue / 2 / DeviceTensors.LargestPerBlock(_network));
        return (int)Math.Clamp(most, 1, wanted);
    }
}

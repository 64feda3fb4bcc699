using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// A program on a device: constants are uploaded once, activations stay there from the first layer
/// to the last, and batches go through in turns so that one lane's transfers overlap another's
/// kernels.
/// </summary>
internal sealed class IlgpuRunner : IProgramRunner, IKeepsMemory
{
    private readonly QuantizedProgram _program;
    private readonly DeviceSession _session;
    private readonly DeviceLayer?[] _layers;
    private Lane[] _lanes = [];

    /// <summary>Uploads the program's constants.</summary>
    /// <exception cref="DeviceException">They do not fit, or the device fails.</exception>
    public IlgpuRunner(QuantizedProgram program, DeviceSession session)
    {
        _program = program;
        _session = session;
        _layers = new DeviceLayer?[program.Layers.Length];
        try
        {
            for (int i = 0; i < _layers.Length; i++)
                _layers[i] = DeviceLayers.Upload(program, i, session);
        }
        catch (Exception e)
        {
            Dispose();
            if (DeviceFailures.IsDriver(e)) throw session.Fail(e);
            throw;
        }
    }

    /// <summary>The device.</summary>
    public DeviceSession Session => _session;

    /// <summary>Lanes whose memory on the device waits for the next run.</summary>
    public int Lanes => _lanes.Length;

    /// <summary>The program for whoever has images on the device, and holds the session.</summary>
    /// <param name="capacity">Most images at a time.</param>
    /// <param name="taps">Tensors that are read besides the output.</param>
    public DeviceForward Forward(int capacity, IReadOnlySet<int> taps) =>
        new(_program, _layers, _session, capacity, taps);

    /// <inheritdoc/>
    public RunResult Run(ReadOnlySpan<long> inputs, int images, RunOptions options)
    {
        int length = _program.Input.Type.Shape.Length;
        if (inputs.Length != images * length)
            throw new ArgumentException(
                $"{inputs.Length} values where {images} x {length} are needed");
        return Run(new ImageSource(inputs), images, options);
    }

    /// <inheritdoc/>
    public RunResult Run(ResidentImages images, int first, int count, RunOptions options)
    {
        int length = _program.Input.Type.Shape.Length;
        images.Require(first, count, length);
        if (images is HostImages host) return Run(host.Slice(first, count), count, options);
        if (images is not DeviceImages device || device.Session != _session)
            throw new ArgumentException("the images are in another device's memory");
        return Run(
            new ImageSource(device.View.SubView((long)first * length, (long)count * length)), count,
            options);
    }

    /// <summary>Frees the memory that waits for the next run.</summary>
    public void Release()
    {
        lock (_session) FreeLanes();
    }

    /// <summary>Frees what the program holds on the device.</summary>
    public void Dispose()
    {
        FreeLanes();
        foreach (DeviceLayer? layer in _layers) _session.Free(layer);
    }

    private RunResult Run(ImageSource inputs, int images, RunOptions options)
    {
        var results = new RunResults(_program, images, options);
        lock (_session)
        {
            if (_session.IsClosed) throw DeviceFailures.Gone(_session.Name);
            try
            {
                using KeptMemory.Use use = _session.Kept.InUse(this);
                if (images > 0) RunBatch(inputs, images, results, options.CollectEvents);
            }
            catch (Exception e) when (DeviceFailures.IsDriver(e))
            {
                throw _session.Fail(e);
            }
        }

        return results.ToResult();
    }

    private void RunBatch(ImageSource inputs, int images, RunResults results, bool events)
    {
        PrepareLanes(images, events, uploads: !inputs.IsOnDevice, results);
        int turn = 0;
        for (int first = 0; first < images; first += _lanes[0].Capacity)
        {
            Lane lane = _lanes[turn++ % _lanes.Length];
            if (lane.IsBusy) lane.Collect(results);
            int count = Math.Min(lane.Capacity, images - first);
            lane.Start(inputs, first, count, results);
        }

        foreach (Lane lane in _lanes.Where(l => l.IsBusy)) lane.Collect(results);
    }

    /// <summary>
    /// Keeps the lanes of the last run where they serve; halves them until they fit into memory.
    /// </summary>
    private void PrepareLanes(int images, bool events, bool uploads, RunResults results)
    {
        int capacity = ImagesPerLane(_session.FreeBytes);
        if (capacity < ImagesPerLane(long.MaxValue) && _session.Kept.Release())
            capacity = ImagesPerLane(_session.FreeBytes);
        if (
            _lanes.Length > 0
            && _lanes[0].CollectsEvents == events
            && (_lanes[0].Uploads || !uploads)
            && results.Tensors.Keys.All(_lanes[0].Downloads)
            && !_lanes.Any(l => l.IsBusy)
            && (_lanes[0].Capacity >= capacity || _lanes[0].Capacity >= images)) return;
        while (true)
        {
            FreeLanes();
            try
            {
                int lanes = images > capacity ? BatchPlan.Lanes : 1;
                for (int i = 0; i < lanes; i++)
                {
                    var lane = new Lane(
                        _program, _layers, _session, capacity, events, uploads,
                        results.Tensors.Keys);
                    _lanes = [.. _lanes, lane];
                }

                return;
            }
            catch (Exception e) when (DeviceFailures.IsOutOfMemory(e) && capacity > 1)
            {
                capacity /= 2;
            }
        }

        int ImagesPerLane(long free) =>
            BatchPlan.ImagesPerLane(_program, _layers, free, images);
    }

    private void FreeLanes()
    {
        foreach (Lane lane in _lanes) lane.Dispose();
        _lanes = [];
    }
}

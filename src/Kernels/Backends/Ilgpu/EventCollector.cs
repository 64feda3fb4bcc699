using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>Counts event flags on the device and adds the counts to the host's counters.</summary>
internal sealed class EventCollector : IDisposable
{
    private readonly QuantizedProgram _program;
    private readonly DeviceSession _session;
    private readonly MemoryBuffer1D<EventTally, Stride1D.Dense> _tallies;

    public EventCollector(QuantizedProgram program, DeviceSession session, int images)
    {
        _program = program;
        _session = session;
        int channels = program.Layers.Max(l => l.Output.Shape.Channels);
        _tallies = session.Allocate<EventTally>((long)images * channels);
    }

    /// <summary>Counts the flags of every layer, stage after stage.</summary>
    /// <param name="stream">Where the flags were queued.</param>
    /// <param name="flags">Per layer.</param>
    /// <param name="images">How many images they belong to.</param>
    /// <param name="firstImage">Index in the dataset of the first.</param>
    /// <param name="counters">Per layer, added to.</param>
    public void Collect(
        AcceleratorStream stream,
        ArrayView<int>[] flags,
        int images,
        long firstImage,
        IReadOnlyList<EventCounter> counters)
    {
        for (int layer = 0; layer < flags.Length; layer++)
        {
            TensorShape shape = _program.Layers[layer].Output.Shape;
            var tallies = new EventTally[images * shape.Channels];
            foreach (EventStage stage in _program.Layers[layer].EventStages)
            {
                ArrayView<EventTally> room = _tallies.View.SubView(0, tallies.Length);
                _session.Kernels.CountEvents(
                    stream, tallies.Length, flags[layer], room, shape.Positions, stage);
                room.CopyToCPU(stream, tallies);
                for (int i = 0; i < tallies.Length; i++)
                    Add(
                        counters[layer], stage, firstImage + (i / shape.Channels),
                        i % shape.Channels, tallies[i]);
            }
        }
    }

    /// <summary>Frees the device's memory.</summary>
    public void Dispose() => _tallies.Dispose();

    private static void Add(
        EventCounter counter, EventStage stage, long image, int channel, EventTally tally) =>
        counter.Add(
            stage,
            channel,
            tally.Overflowed,
            tally.Inexact,
            tally.FirstOverflow < 0 ? null : new ElementAddress(image, channel, tally.FirstOverflow)
        );
}

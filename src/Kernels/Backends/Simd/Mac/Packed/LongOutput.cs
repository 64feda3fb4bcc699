using System.Numerics;
using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// Requantization in 64-bit lanes, vectors of channels at a time: multipliers, and sums that need room. Runs
/// that collect events take the scalar way.
/// </summary>
internal sealed unsafe class LongOutput(
    MacShape shape, StepPlace place, OutputFormula<long> formula, OutputStage<int> withEvents) : OutputStage<int>
{
    private readonly bool _spills = shape.Groups == 1;

    public override void Run(Workspace workspace, in OutputTile<int> tile)
    {
        if (tile.Block.CollectEvents)
        {
            withEvents.Run(workspace, tile);
            return;
        }

        int firstChannel = tile.Group * shape.GroupChannels;
        short* to = (short*)workspace.Tensor(place.OutputTensor) + ((long)tile.First * shape.Channels) + firstChannel;
        int* accumulators = tile.Accumulators;
        for (int column = 0; column < tile.Columns; column++, to += shape.Channels, accumulators += tile.Stride)
            RunColumn(accumulators, to, firstChannel);
    }

    private void RunColumn(int* accumulators, short* to, int firstChannel)
    {
        for (int lane = 0; lane < shape.GroupChannels; lane += Vector<short>.Count)
        {
            int half = lane + Vector<int>.Count;
            Vector<int> low = Requantize(Vector.Load(accumulators + lane), firstChannel + lane);
            Vector<int> high = half < shape.GroupChannels
                ? Requantize(Vector.Load(accumulators + half), firstChannel + half)
                : default;
            Vector<short> outputs = Vector.Narrow(low, high);

            // What a last vector writes too much is the next column's, written later.
            if (_spills || lane + Vector<short>.Count <= shape.GroupChannels) outputs.Store(to + lane);
            else StorePart(outputs, to + lane, shape.GroupChannels - lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<int> Requantize(Vector<int> accumulators, int channel)
    {
        Vector.Widen(accumulators, out Vector<long> low, out Vector<long> high);
        return Vector.Narrow(
            formula.Apply(low, channel), formula.Apply(high, channel + Vector<long>.Count));
    }

    private static void StorePart(Vector<short> outputs, short* to, int count)
    {
        for (int i = 0; i < count; i++) to[i] = outputs[i];
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// Vectors of channels at a time: <c>((acc * Scale + a) &gt;&gt; Shift)</c>, perhaps twice, zero point, clamp,
/// perhaps a wrap. Runs that collect events take the scalar way.
/// </summary>
/// <typeparam name="T">The lanes that hold every intermediate: int or long.</typeparam>
internal sealed unsafe class VectorOutput<T>(
    MacShape shape, StepPlace place, OutputFormula<T> formula, OutputStage<int> withEvents) : OutputStage<int>
    where T : unmanaged, IBinaryInteger<T>
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
        if (typeof(T) == typeof(int)) return formula.Apply(accumulators.As<int, T>(), channel).As<T, int>();
        Vector.Widen(accumulators, out Vector<long> low, out Vector<long> high);
        return Vector.Narrow(
            formula.Apply(low.As<long, T>(), channel).As<T, long>(),
            formula.Apply(high.As<long, T>(), channel + Vector<long>.Count).As<T, long>());
    }

    private static void StorePart(Vector<short> outputs, short* to, int count)
    {
        for (int i = 0; i < count; i++) to[i] = outputs[i];
    }
}

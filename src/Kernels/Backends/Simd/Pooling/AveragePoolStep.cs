using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Pooling;

/// <summary>The rounded mean of each window, channel by channel.</summary>
/// <remarks>Needs windows that lie in the image.</remarks>
internal sealed unsafe class AveragePoolStep<TIn, TOut>(AveragePoolLayer layer, StepPlace place)
    : Step
    where TIn : unmanaged, IBinaryInteger<TIn>
    where TOut : unmanaged, IBinaryInteger<TOut>
{
    private readonly PoolWindow[] _windows =
    [
        .. Enumerable
            .Range(0, layer.Output.Shape.Positions)
            .Select(p => new PoolWindow(layer.Geometry, layer.Input.Shape, layer.Output.Shape, p)),
    ];

    /// <summary>One sum a channel, and behind them what accumulators met.</summary>
    public override long ScratchBytes =>
        (long)place.Shape.Channels * (sizeof(long) + sizeof(ConversionEvents));

    public override void Run(Workspace workspace, ImageBlock block)
    {
        int channels = place.Shape.Channels;
        TIn* from = workspace.Tensor<TIn>(layer.Inputs[0], block.Images);
        TOut* to = workspace.Tensor<TOut>(place.OutputTensor, block.Images);
        byte* scratch = workspace.Scratch(ScratchBytes);
        var sums = new Span<long>(scratch, channels);
        var accumulated = new Span<ConversionEvents>(
            scratch + ((long)channels * sizeof(long)), channels);
        for (int image = 0; image < block.Images; image++)
        {
            for (int position = 0; position < _windows.Length; position++)
            {
                PoolWindow window = _windows[position];
                if (layer.Unit.IsExactSum)
                    Sum(from, window, sums);
                else
                    Accumulate(from, window, sums, accumulated);
                for (int channel = 0; channel < channels; channel++)
                    to[channel] = TOut.CreateTruncating(
                        Mean(
                            sums[channel], window.Count, new(block.FirstImage + image, channel,
                                position),
                            accumulated[channel], workspace, block) - place.Output.Offset
                    );
                to += channels;
            }

            from += place.Inputs[0].Length;
        }
    }

    private void Sum(TIn* image, PoolWindow window, Span<long> sums)
    {
        // What stored values lack is added once for the window, not once for each of them.
        sums.Fill(window.Count * place.Inputs[0].Offset);
        for (int i = 0; i < window.Count; i++)
        {
            int offset = window.Offset(i);
            Door.Needs((uint)offset <= (uint)(place.Inputs[0].Length - sums.Length));
            TIn* values = image + offset;
            for (int channel = 0; channel < sums.Length; channel++)
                sums[channel] += long.CreateTruncating(values[channel]);
        }
    }

    /// <summary>The same with every sum fitted into the unit's register.</summary>
    private void Accumulate(
        TIn* image, PoolWindow window, Span<long> sums, Span<ConversionEvents> accumulated)
    {
        sums.Clear();
        accumulated.Clear();
        for (int i = 0; i < window.Count; i++)
        {
            int offset = window.Offset(i);
            Door.Needs((uint)offset <= (uint)(place.Inputs[0].Length - sums.Length));
            TIn* values = image + offset;
            for (int channel = 0; channel < sums.Length; channel++)
                sums[channel] = layer.Unit.Add(
                    sums[channel],
                    long.CreateTruncating(values[channel]) + place.Inputs[0].Offset,
                    ref accumulated[channel]);
        }
    }

    private long Mean(
        long sum, int count, ElementAddress where, ConversionEvents accumulated,
        Workspace workspace,
        ImageBlock block)
    {
        ulong random = layer.Unit.Rounding == RoundingMode.Stochastic
            ? StochasticBits.Of(
                place.Seed, place.Index, (int)EventStage.Output, where.Image,
                (where.Channel * place.Shape.Positions) + where.Position, 0)
            : 0;
        ConversionEvents events = ConversionEvents.None;
        long mean = layer.Unit.Mean(sum, count, random, ref events);
        long output = Math.Clamp(mean, layer.Output.MinRaw, layer.Output.MaxRaw);
        if (!block.CollectEvents) return output;

        if (output != mean)
            events |= ConversionEvents.Overflowed;
        EventCounter counter = workspace.Counters[place.Index];
        if (layer.Unit.HasRegister != 0) counter.Record(EventStage.Accumulator, where, accumulated);
        counter.Record(EventStage.Output, where, events);
        return output;
    }
}

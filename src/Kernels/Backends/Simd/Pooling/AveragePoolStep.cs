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

    public override long ScratchBytes => (long)place.Shape.Channels * sizeof(long);

    public override void Run(Workspace workspace, ImageBlock block)
    {
        int channels = place.Shape.Channels;
        TIn* from = workspace.Tensor<TIn>(layer.Inputs[0], block.Images);
        TOut* to = workspace.Tensor<TOut>(place.OutputTensor, block.Images);
        var sums = new Span<long>(workspace.Scratch(ScratchBytes), channels);
        for (int image = 0; image < block.Images; image++)
        {
            for (int position = 0; position < _windows.Length; position++)
            {
                PoolWindow window = _windows[position];
                Sum(from, window, sums);
                for (int channel = 0; channel < channels; channel++)
                    to[channel] = TOut.CreateTruncating(
                        Mean(
                            sums[channel], window.Count, channel, position, image, workspace,
                            block) - place.Output.Offset
                    );
                to += channels;
            }

            from += place.Inputs[0].Length;
        }
    }

    private void Sum(TIn* image, PoolWindow window, Span<long> sums)
    {
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

    private long Mean(
        long sum, int count, int channel, int position, int image, Workspace workspace,
        ImageBlock block)
    {
        ulong random = layer.Rounding == RoundingMode.Stochastic
            ? StochasticBits.Of(
                place.Seed, place.Index, (int)EventStage.Output, block.FirstImage + image,
                (channel * place.Shape.Positions) + position, 0)
            : 0;
        long mean = Rounding.Divide(sum, count, layer.Rounding, random);
        long output = Math.Clamp(mean, layer.Output.MinRaw, layer.Output.MaxRaw);
        if (!block.CollectEvents) return output;

        ConversionEvents events =
            sum % count != 0 ? ConversionEvents.Inexact : ConversionEvents.None;
        if (output != mean)
            events |= ConversionEvents.Overflowed;
        workspace
            .Counters[place.Index]
            .Record(EventStage.Output, new(block.FirstImage + image, channel, position), events);
        return output;
    }
}

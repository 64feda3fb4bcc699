using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>One output at a time, by the very method that the reference calls; counts events.</summary>
internal sealed unsafe class ScalarOutput<TAcc, TOut>(MacShape shape, StepPlace place) : OutputStage<TAcc>
    where TAcc : unmanaged, IBinaryInteger<TAcc>
    where TOut : unmanaged, IBinaryInteger<TOut>
{
    public override void Run(
        Workspace workspace, in MacColumn column, TAcc* accumulators, TAcc* flags, int flagPlane)
    {
        int firstChannel = column.Group * shape.GroupChannels;
        TOut* to = (TOut*)workspace.Tensor(place.OutputTensor)
            + ((long)column.Column * shape.Channels) + firstChannel;
        for (int lane = 0; lane < shape.GroupChannels; lane++)
        {
            int channel = firstChannel + lane;
            ConversionEvents events = ConversionEvents.None;
            Requantization spec = shape.Layer.Requantization[channel];
            ulong random = spec.Output.Rounding == RoundingMode.Stochastic
                ? Random(column, channel, spec.Output.Rounding)
                : 0;
            long raw = Requantizer.Requantize(long.CreateTruncating(accumulators[lane]), spec, ref events, random);
            to[lane] = TOut.CreateTruncating(raw - place.Output.Offset);
            if (!column.Block.CollectEvents) continue;
            Record(workspace, column, channel, events, flags == null ? null : flags + lane, flagPlane);
        }
    }

    private ulong Random(in MacColumn column, int channel, RoundingMode mode) =>
        new ElementBits(place, column.Block.FirstImage, shape.Positions, column.Column, channel)
            .Of(mode, EventStage.Output, 0);

    private void Record(
        Workspace workspace, in MacColumn column, int channel, ConversionEvents output, TAcc* flags, int plane)
    {
        EventCounter counter = workspace.Counters[place.Index];
        var element = new ElementAddress(
            column.Block.FirstImage + (column.Column / shape.Positions), channel, column.Column % shape.Positions);
        counter.Record(EventStage.Output, element, output);
        if (flags == null) return;
        counter.Record(EventStage.Product, element, Events(flags, plane, MacFlag.ProductOverflowed));
        counter.Record(EventStage.Accumulator, element, Events(flags, plane, MacFlag.AccumulatorOverflowed));
    }

    private static ConversionEvents Events(TAcc* flags, int plane, MacFlag overflowed)
    {
        TAcc* flag = flags + ((int)overflowed * plane);
        return (TAcc.IsZero(flag[0]) ? ConversionEvents.None : ConversionEvents.Overflowed)
            | (TAcc.IsZero(flag[plane]) ? ConversionEvents.None : ConversionEvents.Inexact);
    }
}

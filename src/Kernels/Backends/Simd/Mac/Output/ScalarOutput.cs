using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Stepwise;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>
/// One output at a time, by the very method that the reference calls; counts events.
/// </summary>
/// <remarks>Needs a tile that OutputStage.Run let in.</remarks>
internal sealed unsafe class ScalarOutput<TAcc, TOut>(MacShape shape, StepPlace place)
    : OutputStage<TAcc>
    where TAcc : unmanaged, IBinaryInteger<TAcc>
    where TOut : unmanaged, IBinaryInteger<TOut>
{
    protected override int Positions => shape.Positions;

    protected override int GroupChannels => shape.GroupChannels;

    protected override void Requantize(Workspace workspace, in OutputTile<TAcc> tile)
    {
        int firstChannel = tile.Group * shape.GroupChannels;
        TOut* to =
            workspace.Tensor<TOut>(place.OutputTensor, tile.Block.Images)
            + ((long)tile.First * shape.Channels)
            + firstChannel;
        for (int column = 0; column < tile.Columns; column++, to += shape.Channels)
            for (int lane = 0; lane < shape.GroupChannels; lane++)
                to[lane] = Requantize(
                    workspace, tile, column, firstChannel + lane, (column * tile.Stride) + lane);
    }

    private TOut Requantize(
        Workspace workspace, in OutputTile<TAcc> tile, int column, int channel, int index)
    {
        ConversionEvents events = ConversionEvents.None;
        Requantization spec = shape.Layer.Requantization[channel];
        ulong random =
            spec.Output.Rounding == RoundingMode.Stochastic
                ? new ElementBits(
                    place, tile.Block.FirstImage, shape.Positions, tile.First + column,
                    channel).Of(spec.Output.Rounding, EventStage.Output, 0)
                : 0;
        long raw = Requantizer.Requantize(
            long.CreateTruncating(tile.Accumulators[index]), spec, ref events, random);
        if (tile.Block.CollectEvents)
            Record(workspace, tile, column, channel, index, events);
        return TOut.CreateTruncating(raw - place.Output.Offset);
    }

    private void Record(
        Workspace workspace, in OutputTile<TAcc> tile, int column, int channel, int index,
        ConversionEvents output)
    {
        EventCounter counter = workspace.Counters[place.Index];
        int global = tile.First + column;
        var element = new ElementAddress(
            tile.Block.FirstImage + (global / shape.Positions), channel, global % shape.Positions);
        counter.Record(EventStage.Output, element, output);
        if (tile.Flags == null) return;
        if (shape.Layer.Mac.ProductStage == ProductStage.Converted)
            counter.Record(
                EventStage.Product, element, Events(tile, index, MacFlag.ProductOverflowed));
        counter.Record(
            EventStage.Accumulator, element, Events(tile, index, MacFlag.AccumulatorOverflowed));
    }

    private static ConversionEvents Events(in OutputTile<TAcc> tile, int index, MacFlag overflowed)
    {
        TAcc* flag = tile.Flags + ((int)overflowed * tile.FlagPlane) + index;
        return (TAcc.IsZero(flag[0]) ? ConversionEvents.None : ConversionEvents.Overflowed)
            | (
                TAcc.IsZero(flag[tile.FlagPlane]) ? ConversionEvents.None : ConversionEvents.Inexact
            );
    }
}

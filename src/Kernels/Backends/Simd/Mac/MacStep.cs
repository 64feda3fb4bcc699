using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>A convolution or dense layer: tile by tile gather, accumulate, requantize.</summary>
internal sealed unsafe class MacStep<T, TOut>(
    MacShape shape, StepPlace place, WindowGather<T> gather, Accumulation<T> accumulation) : Step
    where T : unmanaged, IBinaryInteger<T>
    where TOut : unmanaged, IBinaryInteger<TOut>
{
    private const int RowBytes = 1 << 14;
    private readonly int _tileColumns = Math.Clamp(RowBytes / sizeof(T) / shape.Depth / 4 * 4, 4, 64);

    public override long ScratchBytes => RowsBytes + (AccumulatorBytes * (1 + (int)MacFlag.Count));

    private long RowsBytes => AlignedMemory.RoundUp((long)_tileColumns * shape.Depth * sizeof(T));

    private long AccumulatorBytes => AlignedMemory.RoundUp((long)_tileColumns * accumulation.Padded * sizeof(T));

    public override void Run(Workspace workspace, ImageBlock block)
    {
        byte* scratch = workspace.Scratch;
        int columns = block.Images * shape.Positions;
        var tile = new MacTile<T>
        {
            Block = block,
            Rows = (T*)scratch,
            Accumulators = (T*)(scratch + RowsBytes),
            Flags = block.CollectEvents ? (T*)(scratch + RowsBytes + AccumulatorBytes) : null,
        };
        for (tile.Group = 0; tile.Group < shape.Groups; tile.Group++)
        {
            for (tile.First = 0; tile.First < columns; tile.First += _tileColumns)
            {
                tile.Columns = Math.Min(_tileColumns, columns - tile.First);
                gather.Fill(workspace.Tensor(shape.Layer.Inputs[0]), tile);
                accumulation.Run(tile);
                Requantize(workspace, tile);
            }
        }
    }

    private void Requantize(Workspace workspace, in MacTile<T> tile)
    {
        TOut* output = (TOut*)workspace.Tensor(place.OutputTensor);
        int firstChannel = tile.Group * shape.GroupChannels;
        for (int column = 0; column < tile.Columns; column++)
        {
            TOut* to = output + ((long)(tile.First + column) * shape.Channels) + firstChannel;
            for (int lane = 0; lane < shape.GroupChannels; lane++)
            {
                int index = (column * accumulation.Padded) + lane;
                long raw = Requantize(workspace, tile, column, firstChannel + lane, index);
                to[lane] = TOut.CreateTruncating(raw - place.Output.Offset);
            }
        }
    }

    private long Requantize(Workspace workspace, in MacTile<T> tile, int column, int channel, int index)
    {
        ConversionEvents events = ConversionEvents.None;
        Datapath.Requantization spec = shape.Layer.Requantization[channel];
        ulong random = new ElementBits(place, tile.Block.FirstImage, shape.Positions, tile.First + column, channel)
            .Of(spec.Output.Rounding, EventStage.Output, 0);
        long raw = Requantizer(long.CreateTruncating(tile.Accumulators[index]), spec, ref events, random);
        if (tile.Flags != null) Record(workspace.Counters[place.Index], tile, column, channel, index, events);
        return raw;
    }

    private static long Requantizer(
        long accumulator, in Datapath.Requantization spec, ref ConversionEvents events, ulong random) =>
        Datapath.Requantizer.Requantize(accumulator, spec, ref events, random);

    private void Record(
        EventCounter counter, in MacTile<T> tile, int column, int channel, int index, ConversionEvents output)
    {
        int global = tile.First + column;
        var element = new ElementAddress(
            tile.Block.FirstImage + (global / shape.Positions), channel, global % shape.Positions);
        counter.Record(EventStage.Product, element, Events(tile, index, MacFlag.ProductOverflowed));
        counter.Record(EventStage.Accumulator, element, Events(tile, index, MacFlag.AccumulatorOverflowed));
        counter.Record(EventStage.Output, element, output);
    }

    private ConversionEvents Events(in MacTile<T> tile, int index, MacFlag overflowed)
    {
        int plane = (tile.Columns + 3) / 4 * 4 * accumulation.Padded;
        T* flags = tile.Flags + ((int)overflowed * plane) + index;
        return (T.IsZero(flags[0]) ? ConversionEvents.None : ConversionEvents.Overflowed)
            | (T.IsZero(flags[plane]) ? ConversionEvents.None : ConversionEvents.Inexact);
    }
}

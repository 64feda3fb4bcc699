using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Stepwise;

/// <summary>
/// One output at a time: for stochastic rounding, whose random bits cost more than everything
/// around them, and for conversions that gain bits or drop nearly all.
/// </summary>
/// <remarks>
/// Needs a tile that Accumulation.Run let in; weights are as many as StepwiseAccumulation
/// asserts.
/// </remarks>
internal sealed unsafe class ScalarAccumulation(
    MacShape shape, StepPlace place,
    RowSource<long> rows) : StepwiseAccumulation<long>(shape, rows, 1)
{
    protected override void Accumulate(in MacTile<long, long> tile)
    {
        for (int column = 0; column < tile.Columns; column++)
            for (int channel = 0; channel < Padded; channel++)
                RunOne(tile, column, channel);
    }

    private void RunOne(in MacTile<long, long> tile, int column, int channel)
    {
        var random = new ElementBits(
            place, tile.Block.FirstImage, Shape.Positions, tile.First + column,
            (tile.Group * Shape.GroupChannels) + channel);
        long* row = tile.Rows + ((long)column * Stride);
        long* weights = (long*)Weights.Start + ((long)tile.Group * Shape.Depth * Padded) + channel;
        long bias = ((long*)Biases.Start)[(tile.Group * Padded) + channel];
        long accumulator = Steps.BiasFirst ? bias : 0;
        ConversionEvents products = ConversionEvents.None, updates = ConversionEvents.None;
        int update = 0;
        for (int step = 0, last; step < Shape.Depth; step = last)
        {
            last = Math.Min(step + Steps.Lanes, Shape.Depth);
            long sum = 0;
            for (int lane = step; lane < last; lane++)
                // A product's random bits go by its place in the reduction, as the reference's do.
                sum += Product(
                    row[lane] * weights[(long)lane * Padded], lane, random, ref products);
            accumulator = Update(
                accumulator, sum << Steps.PartialAlign, update++, random, ref updates);
        }

        if (!Steps.BiasFirst)
            accumulator = Update(
                accumulator, bias << Steps.AccumulatorAlign, update, random, ref updates);
        Store(tile, (column * Padded) + channel, accumulator, products, updates);
    }

    private long Product(
        long exact, int step, in ElementBits random, ref ConversionEvents events) =>
        Steps.ConvertsProducts
            ? Conversion.Convert(
                exact, Steps.Product, ref events,
                random.Of(Steps.Product.Rounding, EventStage.Product, step))
            : exact;

    private long Update(
        long accumulator, long added, int step, in ElementBits random,
        ref ConversionEvents events) =>
        Conversion.Convert(
            (accumulator << Steps.AccumulatorAlign) + added, Steps.Update, ref events,
            random.Of(Steps.Update.Rounding, EventStage.Accumulator, step));

    private void Store(
        in MacTile<long, long> tile, int output, long accumulator, ConversionEvents products,
        ConversionEvents updates)
    {
        tile.Accumulators[output] = accumulator;
        if (tile.Flags == null) return;
        int plane = tile.PaddedColumns * Padded;
        tile.Flags[((int)MacFlag.ProductOverflowed * plane) + output] = (long)(
            products & ConversionEvents.Overflowed);
        tile.Flags[((int)MacFlag.ProductInexact * plane) + output] = (long)(
            products & ConversionEvents.Inexact);
        tile.Flags[((int)MacFlag.AccumulatorOverflowed * plane) + output] = (long)(
            updates & ConversionEvents.Overflowed);
        tile.Flags[((int)MacFlag.AccumulatorInexact * plane) + output] = (long)(
            updates & ConversionEvents.Inexact);
    }
}

/// <summary>The random bits of one output element, drawn only where a mode asks for them.</summary>
internal readonly struct ElementBits(
    StepPlace place, long firstImage, int positions, int column, int channel)
{
    private readonly long _image = firstImage + (column / positions);
    private readonly int _element = (channel * positions) + (column % positions);

    /// <summary>The bits of one conversion; 0 for modes that draw none.</summary>
    public ulong Of(RoundingMode mode, EventStage stage, int step) =>
        mode == RoundingMode.Stochastic
            ? StochasticBits.Of(place.Seed, place.Index, (int)stage, _image, _element, step)
            : 0;
}

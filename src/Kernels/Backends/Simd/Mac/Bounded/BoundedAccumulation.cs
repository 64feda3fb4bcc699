using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Backends.Simd.Mac.Pairs;
using QSim.Kernels.Backends.Simd.Mac.Stepwise;

namespace QSim.Kernels.Backends.Simd.Mac.Bounded;

/// <summary>
/// Saturating accumulators by their exact sum, as long as nothing can have saturated: the sum is
/// looked at every few steps, and what it may have passed in between is known from weights and
/// inputs (<see cref="BlockExcesses"/>). Where many outputs fail the sums are looked at after every
/// pair of steps; outputs that still fail are taken step by step from where they were last known to
/// be inside, in vectors of channels, several columns side by side.
/// </summary>
/// <remarks>
/// Needs a tile that Accumulation.Run let in, and few columns: lists of them lie on the stack.
/// </remarks>
internal sealed unsafe class BoundedAccumulation<TOps, TVector> : Accumulation<short, int>
    where TOps : struct, IPairVector<TVector>
    where TVector : unmanaged
{
    private const int CoarsePairs = 4;
    private const int SegmentPairs = 12;

    /// <summary>
    /// Sums that may be in less than one part in so many of the range are looked at closely from
    /// the start.
    /// </summary>
    private const int NarrowShare = 8;

    private const int MostSegments = 6;
    private const int MostColumns = 8 * MacTile<short, int>.ColumnStep;
    private const int Columns = WatchedSums<TOps, TVector>.Columns;

    private readonly PackedWeights _weights;
    private readonly BoundedSum _sum;
    private readonly int _stride;
    private readonly int _segment;
    private readonly int _segments;
    private readonly int _channels;
    private readonly bool _biasFirst;
    private readonly bool _flagsOnly;
    private readonly BlockExcesses _coarse;
    private readonly BlockExcesses _fine;
    private readonly WatchedSums<TOps, TVector> _sums;
    private readonly StepwiseRedo<TOps, TVector> _redo;

    /// <param name="shape">The layer's sizes.</param>
    /// <param name="rows">Where inputs come from, in the layer's order.</param>
    /// <param name="weights">The layer's weights and biases.</param>
    /// <param name="sum">The accumulator.</param>
    /// <param name="flagsFor">
    /// Another accumulation's channels, where flags are all that is wanted beside its values: up to
    /// the first overflow accumulators of all kinds hold the exact sum. Sums then lie where flags
    /// of products would.
    /// </param>
    public BoundedAccumulation(
        MacShape shape, RowSource<short> rows, PackedWeights weights, BoundedSum sum,
        int flagsFor = 0)
    {
        (_weights, _sum, _stride) = (weights, sum, rows.Stride);
        var steps = new MacSteps(shape.Layer);
        _biasFirst = steps.BiasFirst;

        // An update of several products may take some from either side of a boundary.
        int pairs = (shape.Depth + 1) / 2;
        int segments = steps.Lanes > 1 ? 1 : Math.Clamp(pairs / SegmentPairs, 1, MostSegments);
        _segment = (pairs + segments - 1) / segments;
        _segments = (pairs + _segment - 1) / _segment;
        _coarse = new(shape, rows.Order, TOps.Lanes, sum, _segment, CoarsePairs);
        _fine = new(shape, rows.Order, TOps.Lanes, sum, _segment, 1);
        _sums = new(pairs, _segment, _stride);
        _redo = new(shape, _stride, sum);
        _flagsOnly = flagsFor > 0;
        _channels = shape.Padded(TOps.Lanes);
        Padded = _flagsOnly ? flagsFor : _channels;
    }

    public override int Padded { get; }

    protected override void Accumulate(in MacTile<short, int> tile)
    {
        Door.Needs(tile.PaddedColumns <= MostColumns && _segments <= MostSegments);
        TVector* marks = stackalloc TVector[2 * MostSegments * Columns];
        int* failed = stackalloc int[MostSegments * (tile.PaddedColumns + 1)];
        var look = new Look(_sum.LargestInput);
        bool flags = tile.Flags != null;
        if (flags) tile.ClearFlags(Padded);
        int* accumulators = _flagsOnly ? tile.Flags : tile.Accumulators;
        for (int channel = 0; channel < _channels; channel += TOps.Lanes)
        {
            var lists = new FailedColumns(failed, tile.PaddedColumns, MostSegments);
            var channels = new Channels(
                _weights.Panel(tile.Group, channel), _weights.Biases(tile.Group) + channel,
                accumulators + channel,
                flags ? tile.Plane(MacFlag.AccumulatorOverflowed, Padded) + channel : null, Padded);
            look.Excesses = _coarse;
            Aim(tile.Group, channel, ref look);
            if (NarrowShare * (long)look.Width < _sum.Highest - (long)_sum.Lowest)
            {
                look.Excesses = _fine;
                Aim(tile.Group, channel, ref look);
            }

            for (int column = 0; column < tile.Columns; column += Columns)
                RunEight(tile, column, channel, channels, ref look, lists, marks);
            for (int segment = 0; segment < _segments; segment++)
                _redo.Run(tile.Rows, channels, segment * _segment, lists.From(segment));
        }
    }

    /// <summary>
    /// Eight columns, looked at more closely, here and further on, while too many of them fail; not
    /// at all where that does not help.
    /// </summary>
    private void RunEight(
        in MacTile<short, int> tile, int column, int channel, in Channels channels, ref Look look,
        FailedColumns lists, TVector* marks)
    {
        short* row = tile.Rows + ((long)column * _stride);
        int wanted = Math.Min(Columns, tile.Columns - column);
        TVector start = _biasFirst ? TOps.Load(channels.Biases) : TOps.Spread(0);
        while (look.Excesses is { } excesses)
        {
            TVector worst = _sums.Run(
                row, channels, column, TOps.Subtract(start, look.Offset), look.Offset,
                excesses.Pairs, marks);
            bool inside = TOps.AllBelowUnsigned(worst, look.Limit);
            if (!inside)
            {
                (int failures, int segments) = Failures(marks, look.Limit, wanted);
                if (IsSharper(tile, channel, failures, wanted, ref look)) continue;
                if (excesses == _fine && 5 * segments >= 3 * wanted * _segments)
                    look.Excesses = null;
            }

            // Sums that stay inside lie in their place, but a bias that comes last may still leave.
            if (!inside || !_biasFirst) Finish(column, wanted, channels, start, look, lists, marks);
            return;
        }

        for (int i = 0; i < wanted; i++)
        {
            TOps.Store(start, channels.To(column + i));
            lists.Add(0, column + i);
        }
    }

    /// <summary>
    /// Columns that do not stay inside, and their segments that have to be redone.
    /// </summary>
    private (int Columns, int Segments) Failures(TVector* marks, TVector limit, int wanted)
    {
        int columns = 0, segments = 0;
        for (int i = 0; i < wanted; i++)
        {
            int outside = _segments - Inside(marks, i, limit);
            segments += outside;
            columns += Math.Min(outside, 1);
        }

        return (columns, segments);
    }

    /// <summary>
    /// Columns that do not stay inside go back to the last segment's end at which they were; the
    /// others take a bias that comes last.
    /// </summary>
    private void Finish(
        int column, int wanted, in Channels channels, TVector start, in Look look,
        FailedColumns lists, TVector* marks)
    {
        TVector bias = TOps.Load(channels.Biases);
        for (int i = 0; i < wanted; i++)
        {
            int* to = channels.To(column + i);
            int segments = Inside(marks, i, look.Limit);
            if (segments == _segments)
            {
                if (!_biasFirst) AddLast(channels, column + i, bias);
                continue;
            }

            TVector sum = segments == 0
                ? start
                : TOps.Add(marks[((segments - 1) * 2 * Columns) + i], look.Offset);
            TOps.Store(sum, to);
            lists.Add(segments, column + i);
        }
    }

    private void AddLast(in Channels channels, int column, TVector bias)
    {
        TVector sum = TOps.Load(channels.To(column)), raised = TOps.Spread(0);
        _redo.Add(bias, ref sum, ref raised);
        TOps.Store(sum, channels.To(column));
        if (channels.WantFlags) TOps.Store(raised, channels.Flags(column));
    }

    /// <summary>How many segments a column certainly stays inside.</summary>
    private int Inside(TVector* marks, int column, TVector limit)
    {
        // Backwards: the most until a segment's end covers all segments before it.
        TVector* most = marks + (((2 * _segments) - 1) * Columns) + column;
        int segments = _segments;
        for (; segments > 0 && !TOps.AllBelowUnsigned(*most, limit); segments--)
            most -= 2 * Columns;
        return segments;
    }

    /// <summary>
    /// Looks after every pair where many fail, then at how large the tile's inputs are; false when
    /// neither helps.
    /// </summary>
    private bool IsSharper(
        in MacTile<short, int> tile, int channel, int failures, int wanted, ref Look look)
    {
        int before = look.Largest;
        bool closer = look.Excesses == _coarse && 2 * failures >= wanted;
        look.Failures += failures;
        if (closer)
        {
            look.Excesses = _fine;
        }
        else if (!look.HasMeasured && look.Failures >= Columns)
        {
            look.HasMeasured = true;
            look.Largest = Math.Min(
                before, LargestMagnitude.Of(new(tile.Rows, tile.Columns * _stride)));
        }

        bool sharper = closer || look.Largest < before;
        if (sharper) Aim(tile.Group, channel, ref look);
        return sharper;
    }

    /// <summary>
    /// Where sums may be at the ends of blocks: as far inside the range as they may leave it in
    /// between.
    /// </summary>
    private void Aim(int group, int channel, ref Look look)
    {
        int* excess = look.Excesses!.Of(group, channel);
        int* offset = stackalloc int[TOps.Lanes], limit = stackalloc int[TOps.Lanes];
        look.Width = int.MaxValue;
        for (int lane = 0; lane < TOps.Lanes; lane++)
        {
            int reach = excess[lane] * look.Largest;
            offset[lane] = _sum.Lowest + reach;
            long places = _sum.Highest - (long)_sum.Lowest - (2L * reach) + 1;
            limit[lane] = (int)Math.Max(0, places);
            look.Width = Math.Min(look.Width, limit[lane]);
        }

        (look.Offset, look.Limit) = (TOps.Load(offset), TOps.Load(limit));
    }

    /// <summary>How closely sums are looked at.</summary>
    private struct Look(int largest)
    {
        /// <summary>What sums may do between two looks; null when they are not looked at.</summary>
        public BlockExcesses? Excesses;

        /// <summary>No input of the tile is larger.</summary>
        public int Largest = largest;

        /// <summary>How many columns failed in this tile.</summary>
        public int Failures;

        /// <summary>Whether the tile's inputs were looked at.</summary>
        public bool HasMeasured;

        /// <summary>The least that sums may be.</summary>
        public TVector Offset;

        /// <summary>How many values from there on they may have.</summary>
        public TVector Limit;

        /// <summary>The smallest of <see cref="Limit"/>.</summary>
        public int Width;
    }
}

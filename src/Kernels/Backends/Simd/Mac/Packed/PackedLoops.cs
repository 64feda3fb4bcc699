using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using QSim.Kernels.Backends.Simd.Mac.Bounded;
using QSim.Kernels.Backends.Simd.Mac.Depthwise;
using QSim.Kernels.Backends.Simd.Mac.Pairs;
using QSim.Kernels.Backends.Simd.Mac.Shorts;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// The loops at the width that suits a layer: the widest vectors that would not stay half empty.
/// </summary>
internal static class PackedLoops
{
    /// <summary>Exact sums.</summary>
    public static Accumulation<short, int> Pairs(
        MacShape shape, RowSource<short> rows, PackedSum sum)
    {
        return Width(shape, Vector512<int>.Count) switch
        {
            512 => new PairAccumulation<Pairs512, Vector512<int>, ExactPairs>(
                shape, rows, Weights(Pairs512.Lanes)),
            256 => new PairAccumulation<Pairs256, Vector256<int>, ExactPairs>(
                shape, rows, Weights(Pairs256.Lanes)),
            _ => new PairAccumulation<Pairs128, Vector128<int>, ExactPairs>(
                shape, rows, Weights(Pairs128.Lanes)),
        };

        PackedWeights Weights(int lanes) =>
            new(
                shape, rows.Order, lanes, w => w << sum.WeightShift,
                c => sum.Start(shape.Layer, c));
    }

    /// <summary>
    /// Saturating accumulators that 32-bit sums follow. Where one output saturates its whole vector
    /// is redone, so few channels are shared among several vectors.
    /// </summary>
    public static Accumulation<short, int> Bounded(
        MacShape shape, RowSource<short> rows, BoundedSum sum, int flagsFor = 0)
    {
        int width = Width(shape, Vector512<int>.Count);
        return width == 512 && shape.GroupChannels > Vector512<int>.Count
                ? new BoundedAccumulation<Pairs512, Vector512<int>>(
                    shape, rows, Weights(Pairs512.Lanes), sum, flagsFor)
            : width >= 256
                ? new BoundedAccumulation<Pairs256, Vector256<int>>(
                    shape, rows, Weights(Pairs256.Lanes), sum, flagsFor)
            : new BoundedAccumulation<Pairs128, Vector128<int>>(
                shape, rows, Weights(Pairs128.Lanes), sum, flagsFor);

        PackedWeights Weights(int lanes) =>
            new(
                shape, rows.Order, lanes, w => w << sum.WeightShift, c => shape.Layer.Bias[c],
                panelVectors: 1);
    }

    /// <summary>Accumulators of 16-bit terms.</summary>
    public static Accumulation<short, int> Shorts(
        MacShape shape, RowSource<short> rows, ShortSum sum) =>
        sum.Saturates ? InOrder(shape, rows, sum, depthwise: false)
        : sum.Part == WeightPart.Low
            ? new SplitAccumulation(
                Terms(shape, rows, sum),
                Terms(shape, rows, sum with { Part = WeightPart.High, Term = ShortTerm.Whole }))
        : Terms(shape, rows, sum);

    private static Accumulation<short, int> Terms(
        MacShape shape, RowSource<short> rows, ShortSum sum) =>
        Width(shape, Vector512<int>.Count) switch
        {
            512 => Terms<Pairs512, Vector512<int>>(shape, rows, sum),
            256 => Terms<Pairs256, Vector256<int>>(shape, rows, sum),
            _ => Terms<Pairs128, Vector128<int>>(shape, rows, sum),
        };

    private static Accumulation<short, int> Terms<TOps, TVector>(
        MacShape shape, RowSource<short> rows, ShortSum sum)
        where TOps : struct, IPairVector<TVector>
        where TVector : struct
    {
        var weights = new PackedWeights(
            shape, rows.Order, TOps.Lanes, sum.Weight, c => shape.Layer.Bias[c]);
        bool adds = sum.Part == WeightPart.High;
        int most = SumLength.Pairs(shape, rows.Order, sum);
        return sum.Term switch
        {
            ShortTerm.Whole => new PairAccumulation<TOps, TVector, WholePairs>(
                shape, rows, weights, most, adds),
            ShortTerm.Floored => new PairAccumulation<TOps, TVector, FlooredPairs>(
                shape, rows, weights, most, adds),
            ShortTerm.Rounded => new PairAccumulation<TOps, TVector, RoundedPairs>(
                shape, rows, weights, most, adds),
            ShortTerm.NegatedRounded => new PairAccumulation<TOps, TVector, NegatedPairs>(
                shape, rows, weights, most, adds),
        };
    }

    /// <summary>Which outputs have a term that drops set bits.</summary>
    public static Accumulation<short, int> Dropped(
        MacShape shape, RowSource<short> rows, ShortSum sum, MacFlag plane) =>
        Width(shape, Vector512<int>.Count) switch
        {
            512 => new DroppedBits<Pairs512, Vector512<int>>(shape, rows, sum, plane),
            256 => new DroppedBits<Pairs256, Vector256<int>>(shape, rows, sum, plane),
            _ => new DroppedBits<Pairs128, Vector128<int>>(shape, rows, sum, plane),
        };

    /// <summary>Accumulators of 16-bit terms, one input channel per output channel.</summary>
    public static Accumulation<short, int> Depthwise(
        MacShape shape, RowSource<short> rows,
        ShortSum sum) => InOrder(shape, rows, sum, depthwise: true);

    private static Accumulation<short, int> InOrder(
        MacShape shape, RowSource<short> rows, ShortSum sum, bool depthwise) =>
        Width(shape, Vector512<short>.Count) switch
        {
            512 => InOrder<Shorts512, Vector512<short>>(shape, rows, sum, depthwise),
            256 => InOrder<Shorts256, Vector256<short>>(shape, rows, sum, depthwise),
            _ => InOrder<Shorts128, Vector128<short>>(shape, rows, sum, depthwise),
        };

    private static Accumulation<short, int> InOrder<TOps, TVector>(
        MacShape shape, RowSource<short> rows, ShortSum sum, bool depthwise)
        where TOps : struct, IShortVector<TVector>
        where TVector : struct =>
        sum.Term switch
        {
            ShortTerm.Whole => InOrder<TOps, TVector, WholeProduct>(shape, rows, sum, depthwise),
            ShortTerm.Floored => InOrder<TOps, TVector, FlooredProduct>(
                shape, rows, sum, depthwise),
            ShortTerm.Rounded or ShortTerm.NegatedRounded =>
                InOrder<TOps, TVector, RoundedProduct>(shape, rows, sum, depthwise),
        };

    private static Accumulation<short, int> InOrder<TOps, TVector, TTerm>(
        MacShape shape, RowSource<short> rows, ShortSum sum, bool depthwise)
        where TOps : struct, IShortVector<TVector>
        where TVector : struct
        where TTerm : struct, IShortTerm =>
        sum is { Saturates: true, Lowest: short.MinValue, Highest: short.MaxValue }
            ? InOrder<TOps, TVector, TTerm, SaturatedSum16>(shape, rows, sum, depthwise)
        : sum.Saturates ? InOrder<TOps, TVector, TTerm, SaturatedSum>(shape, rows, sum, depthwise)
        : sum.Term == ShortTerm.NegatedRounded
            ? InOrder<TOps, TVector, TTerm, NegatedSum>(shape, rows, sum, depthwise)
        : InOrder<TOps, TVector, TTerm, PlainSum>(shape, rows, sum, depthwise);

    private static Accumulation<short, int> InOrder<TOps, TVector, TTerm, TUpdate>(
        MacShape shape, RowSource<short> rows, ShortSum sum, bool depthwise)
        where TOps : struct, IShortVector<TVector>
        where TVector : struct
        where TTerm : struct, IShortTerm
        where TUpdate : struct, IShortUpdate =>
        depthwise
            ? new DepthwiseShortAccumulation<TOps, TVector, TTerm, TUpdate>(shape, rows, sum)
            : new ShortAccumulation<TOps, TVector, TTerm, TUpdate>(
                shape, rows, new ShortWeights(shape, rows.Order, TOps.Lanes, sum), sum);

    private static int Width(MacShape shape, int lanesOf512) =>
        Avx512BW.IsSupported && shape.GroupChannels > lanesOf512 / 2 ? 512
        : Avx2.IsSupported && shape.GroupChannels > lanesOf512 / 4 ? 256
        : 128;
}

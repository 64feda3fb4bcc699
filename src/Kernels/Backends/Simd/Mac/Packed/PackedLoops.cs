using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>The loops at the width that suits a layer: the widest vectors that would not stay half empty.</summary>
internal static class PackedLoops
{
    public static Accumulation<short, int> Pairs(MacShape shape, RowSource<short> rows, PackedSum sum)
    {
        return Width(shape, Vector512<int>.Count) switch
        {
            512 => new PairAccumulation<Pairs512, Vector512<int>>(shape, rows, Weights(Pairs512.Lanes)),
            256 => new PairAccumulation<Pairs256, Vector256<int>>(shape, rows, Weights(Pairs256.Lanes)),
            _ => new PairAccumulation<Pairs128, Vector128<int>>(shape, rows, Weights(Pairs128.Lanes)),
        };

        PackedWeights Weights(int lanes) =>
            new(shape, rows.Order, lanes, sum.WeightShift, c => sum.Start(shape.Layer, c));
    }

    public static Accumulation<short, int> Bounded(MacShape shape, RowSource<short> rows, BoundedSum sum)
    {
        return Width(shape, Vector512<int>.Count) switch
        {
            512 => new BoundedAccumulation<Pairs512, Vector512<int>>(shape, rows, Weights(Pairs512.Lanes), sum),
            256 => new BoundedAccumulation<Pairs256, Vector256<int>>(shape, rows, Weights(Pairs256.Lanes), sum),
            _ => new BoundedAccumulation<Pairs128, Vector128<int>>(shape, rows, Weights(Pairs128.Lanes), sum),
        };

        PackedWeights Weights(int lanes) =>
            new(shape, rows.Order, lanes, sum.WeightShift, c => sum.Start(shape.Layer, c), panelVectors: 1);
    }

    public static Accumulation<short, int> Shorts(MacShape shape, RowSource<short> rows, ShortSum sum) =>
        sum.Part == WeightPart.Low
            ? new SplitAccumulation(
                OneShorts(shape, rows, sum),
                OneShorts(shape, rows, sum with { Part = WeightPart.High, Term = ShortTerm.Whole }))
            : OneShorts(shape, rows, sum);

    private static Accumulation<short, int> OneShorts(MacShape shape, RowSource<short> rows, ShortSum sum) =>
        Width(shape, Vector512<short>.Count) switch
        {
            512 => Shorts<Shorts512, Vector512<short>>(shape, rows, sum),
            256 => Shorts<Shorts256, Vector256<short>>(shape, rows, sum),
            _ => Shorts<Shorts128, Vector128<short>>(shape, rows, sum),
        };

    private static Accumulation<short, int> Shorts<TOps, TVector>(
        MacShape shape, RowSource<short> rows, ShortSum sum)
        where TOps : struct, IShortVector<TVector>
        where TVector : struct =>
        sum.Term switch
        {
            ShortTerm.Whole => Shorts<TOps, TVector, WholeProduct>(shape, rows, sum),
            ShortTerm.Floored => Shorts<TOps, TVector, FlooredProduct>(shape, rows, sum),
            _ => Shorts<TOps, TVector, RoundedProduct>(shape, rows, sum),
        };

    private static Accumulation<short, int> Shorts<TOps, TVector, TTerm>(
        MacShape shape, RowSource<short> rows, ShortSum sum)
        where TOps : struct, IShortVector<TVector>
        where TVector : struct
        where TTerm : struct, IShortTerm
    {
        var weights = new ShortWeights(shape, rows.Order, TOps.Lanes, sum);
        if (sum.Term == ShortTerm.NegatedRounded)
            return new ShortAccumulation<TOps, TVector, TTerm, NegatedSum>(shape, rows, weights, sum);
        if (!sum.Saturates) return new ShortAccumulation<TOps, TVector, TTerm, PlainSum>(shape, rows, weights, sum);
        return sum is { Lowest: short.MinValue, Highest: short.MaxValue }
            ? new ShortAccumulation<TOps, TVector, TTerm, SaturatedSum16>(shape, rows, weights, sum)
            : new ShortAccumulation<TOps, TVector, TTerm, SaturatedSum>(shape, rows, weights, sum);
    }

    private static int Width(MacShape shape, int lanesOf512) =>
        Avx512BW.IsSupported && shape.GroupChannels > lanesOf512 / 2 ? 512
        : Avx2.IsSupported && shape.GroupChannels > lanesOf512 / 4 ? 256
        : 128;
}

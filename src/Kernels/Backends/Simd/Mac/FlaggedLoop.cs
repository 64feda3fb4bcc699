using System.Numerics;
using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>
/// The same loop for one vector of outputs, remembering what every conversion met.
/// </summary>
internal unsafe ref struct FlaggedLoop<T, TRounding, TOverflow>(
    MacSteps steps, VectorConversion<T> product, VectorConversion<T> update)
    where T : unmanaged, IBinaryInteger<T>
    where TRounding : struct, IVectorRounding
    where TOverflow : struct, IVectorOverflow
{
    private readonly VectorConversion<T> _product = product;
    private readonly VectorConversion<T> _update = update;
    private Vector<T> _productOverflowed;
    private Vector<T> _productInexact;
    private Vector<T> _overflowed;
    private Vector<T> _inexact;

    public void Run(
        T* row, T* weights, Vector<T> bias, int depth, int stride, in MacTile<T, T> tile,
        int output)
    {
        Vector<T> accumulator = steps.BiasFirst ? bias : Vector<T>.Zero;
        for (int step = 0, last; step < depth; step = last)
        {
            last = Math.Min(step + steps.Lanes, depth);
            Vector<T> sum = default;
            for (int lane = step; lane < last; lane++)
                sum += Product(Vector.Load(weights + ((long)lane * stride)) * row[lane]);
            accumulator = Update(
                (accumulator << steps.AccumulatorAlign) + (sum << steps.PartialAlign));
        }

        if (!steps.BiasFirst)
            accumulator = Update(
                (accumulator << steps.AccumulatorAlign) + (bias << steps.AccumulatorAlign));
        accumulator.Store(tile.Accumulators + output);
        Store(tile, stride, output);
    }

    private readonly void Store(in MacTile<T, T> tile, int stride, int output)
    {
        int plane = tile.PaddedColumns * stride;
        T* flags = tile.Flags + output;
        _productOverflowed.Store(flags + ((int)MacFlag.ProductOverflowed * plane));
        _productInexact.Store(flags + ((int)MacFlag.ProductInexact * plane));
        _overflowed.Store(flags + ((int)MacFlag.AccumulatorOverflowed * plane));
        _inexact.Store(flags + ((int)MacFlag.AccumulatorInexact * plane));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<T> Product(Vector<T> exact)
    {
        if (!steps.ConvertsProducts) return exact;
        Vector<T> rounded = AnyRounding.Round(exact, _product);
        _productInexact |= exact & _product.Dropped;
        _productOverflowed |= Outside(rounded, _product);
        return AnyOverflow.Fit(exact, rounded, _product);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<T> Update(Vector<T> sum)
    {
        Vector<T> rounded = TRounding.Round(sum, _update);
        _inexact |= sum & _update.Dropped;
        _overflowed |= Outside(rounded, _update);
        return TOverflow.Fit(sum, rounded, _update);
    }

    private static Vector<T> Outside(Vector<T> rounded, in VectorConversion<T> to) =>
        Vector.LessThan(rounded, to.Lowest) | Vector.GreaterThan(rounded, to.Max);
}

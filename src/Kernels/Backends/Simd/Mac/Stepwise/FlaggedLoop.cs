using System.Numerics;
using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Stepwise;

/// <summary>
/// The same loop for one vector of channels of four columns, remembering what every conversion met.
/// </summary>
/// <remarks>
/// Needs four columns of a tile that Accumulation.Run let in: they exist up to a multiple of
/// eight.
/// </remarks>
internal readonly unsafe ref struct FlaggedLoop<T, TRounding, TOverflow>(
    MacSteps steps, VectorConversion<T> product, VectorConversion<T> update)
    where T : unmanaged, IBinaryInteger<T>
    where TRounding : struct, IVectorRounding
    where TOverflow : struct, IVectorOverflow
{
    private readonly VectorConversion<T> _product = product;
    private readonly VectorConversion<T> _update = update;

    /// <summary>Accumulates, and stores accumulators and flags of the columns that exist.</summary>
    /// <param name="rows">The first column's inputs.</param>
    /// <param name="stride">From one row to the next.</param>
    /// <param name="weights">Weights of the vector of channels.</param>
    /// <param name="bias">Its biases.</param>
    /// <param name="depth">Products.</param>
    /// <param name="padded">From one column's accumulators to the next.</param>
    /// <param name="tile">Where results go.</param>
    /// <param name="output">The first column's accumulators in it.</param>
    public void Run(
        T* rows, int stride, T* weights, Vector<T> bias, int depth, int padded,
        in MacTile<T, T> tile, int output)
    {
        // Flags are gathered as bits and lanes, and looked at once a column is done: a branch at
        // every update would cost more than the update.
        Column a = default, b = default, c = default, d = default;
        if (steps.BiasFirst) a.Sum = b.Sum = c.Sum = d.Sum = bias;
        for (int step = 0, last; step < depth; step = last)
        {
            last = Math.Min(step + steps.Lanes, depth);
            Vector<T> sumA = default, sumB = default, sumC = default, sumD = default;
            for (int lane = step; lane < last; lane++)
            {
                var w = Vector.Load(weights + ((long)lane * padded));
                T* x = rows + lane;
                sumA += Product(w * x[0], ref a);
                sumB += Product(w * x[stride], ref b);
                sumC += Product(w * x[2 * stride], ref c);
                sumD += Product(w * x[3 * stride], ref d);
            }

            Update(sumA << steps.PartialAlign, ref a);
            Update(sumB << steps.PartialAlign, ref b);
            Update(sumC << steps.PartialAlign, ref c);
            Update(sumD << steps.PartialAlign, ref d);
        }

        bias <<= steps.AccumulatorAlign;
        Finish(ref a, bias, tile, padded, output);
        Finish(ref b, bias, tile, padded, output + padded);
        Finish(ref c, bias, tile, padded, output + (2 * padded));
        Finish(ref d, bias, tile, padded, output + (3 * padded));
    }

    private void Finish(
        ref Column column, Vector<T> bias, in MacTile<T, T> tile, int padded, int output)
    {
        if (!steps.BiasFirst) Update(bias, ref column);
        column.Sum.Store(tile.Accumulators + output);
        column.ProductOverflowed.Store(tile.Plane(MacFlag.ProductOverflowed, padded) + output);
        column.ProductInexact.Store(tile.Plane(MacFlag.ProductInexact, padded) + output);
        column.Overflowed.Store(tile.Plane(MacFlag.AccumulatorOverflowed, padded) + output);
        column.Inexact.Store(tile.Plane(MacFlag.AccumulatorInexact, padded) + output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<T> Product(Vector<T> exact, ref Column column)
    {
        if (!steps.ConvertsProducts) return exact;
        Vector<T> rounded = AnyRounding.Round(exact, _product);
        column.ProductInexact |= exact & _product.Dropped;
        column.ProductOverflowed |= Outside(rounded, _product);
        return AnyOverflow.Fit(exact, rounded, _product);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Update(Vector<T> partial, ref Column column)
    {
        Vector<T> sum = (column.Sum << steps.AccumulatorAlign) + partial;
        Vector<T> rounded = TRounding.Round(sum, _update);
        column.Inexact |= sum & _update.Dropped;
        column.Overflowed |= Outside(rounded, _update);
        column.Sum = TOverflow.Fit(sum, rounded, _update);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<T> Outside(Vector<T> rounded, in VectorConversion<T> to) =>
        Vector.LessThan(rounded, to.Lowest) | Vector.GreaterThan(rounded, to.Max);

    /// <summary>One column's accumulators and what they met.</summary>
    private struct Column
    {
        public Vector<T> Sum;
        public Vector<T> ProductOverflowed;
        public Vector<T> ProductInexact;
        public Vector<T> Overflowed;
        public Vector<T> Inexact;
    }
}

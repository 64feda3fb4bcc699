using System.Numerics;
using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Stepwise;

/// <summary>
/// Every step of the reduction in order, channels side by side in vectors, four columns at a time
/// so that one's chain of updates hides another's. Right for every deterministic mode.
/// </summary>
/// <remarks>
/// Needs a tile that Accumulation.Run let in; weights are as many as StepwiseAccumulation
/// asserts.
/// </remarks>
internal sealed unsafe class SequentialAccumulation<T, TRounding, TOverflow>(
    MacShape shape, RowSource<T> rows) : StepwiseAccumulation<T>(shape, rows, Vector<T>.Count)
    where T : unmanaged, IBinaryInteger<T>
    where TRounding : struct, IVectorRounding
    where TOverflow : struct, IVectorOverflow
{
    private readonly VectorConversion<T> _update = new(shape.Layer.Mac.Update);
    private readonly VectorConversion<T> _product = new(
        new MacSteps(shape.Layer).ConvertsProducts
            ? shape.Layer.Mac.Product
            : shape.Layer.Mac.Update
    );

    protected override void Accumulate(in MacTile<T, T> tile)
    {
        for (int column = 0; column < tile.Columns; column += 4)
        {
            for (int channel = 0; channel < Padded; channel += Vector<T>.Count)
            {
                if (tile.Flags == null) RunFour(tile, column, channel);
                else RunWithFlags(tile, column, channel);
            }
        }
    }

    private void RunFour(in MacTile<T, T> tile, int column, int channel)
    {
        int depth = Shape.Depth;
        int stride = Stride;
        T* row = tile.Rows + ((long)column * stride);
        T* weight = (T*)Weights.Start + ((long)tile.Group * depth * Padded) + channel;
        Vector<T> bias = Vector.Load((T*)Biases.Start + (tile.Group * Padded) + channel);

        // An update must wait for the one before: four columns fill the gaps of one another, and
        // share each load of weights.
        Vector<T> a, b, c, d;
        a = b = c = d = Steps.BiasFirst ? bias : Vector<T>.Zero;
        for (int step = 0, last; step < depth; step = last)
        {
            last = Math.Min(step + Steps.Lanes, depth);
            Vector<T> sumA = default, sumB = default, sumC = default, sumD = default;
            for (int lane = step; lane < last; lane++)
            {
                var w = Vector.Load(weight + ((long)lane * Padded));
                T* x = row + lane;
                sumA += Product(w * x[0]);
                sumB += Product(w * x[stride]);
                sumC += Product(w * x[2 * stride]);
                sumD += Product(w * x[3 * stride]);
            }

            a = Update(a, sumA);
            b = Update(b, sumB);
            c = Update(c, sumC);
            d = Update(d, sumD);
        }

        if (!Steps.BiasFirst)
        {
            a = AddBias(a, bias);
            b = AddBias(b, bias);
            c = AddBias(c, bias);
            d = AddBias(d, bias);
        }

        T* to = tile.Accumulators + ((long)column * Padded) + channel;
        a.Store(to);
        b.Store(to + Padded);
        c.Store(to + (2 * Padded));
        d.Store(to + (3 * Padded));
    }

    private void RunWithFlags(in MacTile<T, T> tile, int column, int channel) =>
        new FlaggedLoop<T, TRounding, TOverflow>(Steps, _product, _update).Run(
            tile.Rows + ((long)column * Stride), Stride,
            (T*)Weights.Start + ((long)tile.Group * Shape.Depth * Padded) + channel,
            Vector.Load((T*)Biases.Start + (tile.Group * Padded) + channel), Shape.Depth, Padded,
            tile, (column * Padded) + channel);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<T> Product(Vector<T> exact) =>
        Steps.ConvertsProducts
            ? AnyOverflow.Fit(exact, AnyRounding.Round(exact, _product), _product)
            : exact;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<T> Update(Vector<T> accumulator, Vector<T> partial) =>
        Convert((accumulator << Steps.AccumulatorAlign) + (partial << Steps.PartialAlign));

    private Vector<T> AddBias(Vector<T> accumulator, Vector<T> bias) =>
        Convert((accumulator << Steps.AccumulatorAlign) + (bias << Steps.AccumulatorAlign));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<T> Convert(Vector<T> sum) =>
        TOverflow.Fit(sum, TRounding.Round(sum, _update), _update);
}

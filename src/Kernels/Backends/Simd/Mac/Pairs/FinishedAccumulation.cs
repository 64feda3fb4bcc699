using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Stepwise;

namespace QSim.Kernels.Backends.Simd.Mac.Pairs;

/// <summary>An accumulation whose sums are converted once, at the end.</summary>
/// <param name="sums">The sums.</param>
/// <param name="conversion">The conversion.</param>
/// <param name="isUpdate">
/// Whether it is the accumulator's only update, which may raise flags, or stands for all of them.
/// </param>
/// <remarks>Needs a tile that Accumulation.Run let in.</remarks>
internal sealed unsafe class FinishedAccumulation(
    Accumulation<short, int> sums, ConversionSpec conversion, bool isUpdate)
    : Accumulation<short, int>
{
    private readonly VectorConversion<int> _conversion = new(conversion);
    public override int Padded => sums.Padded;

    protected override void Accumulate(in MacTile<short, int> tile)
    {
        sums.Run(tile);
        int count = tile.PaddedColumns * Padded;

        // Flags first: the conversion overwrites what they are read from.
        if (isUpdate && tile.Flags != null) Raise(tile, count);
        switch (_conversion.Spec)
        {
            case { Shift: 0, Overflow: OverflowMode.Wrap, SaturationBits: 0, IsSigned: true }:
                Wrap(tile.Accumulators, count, _conversion.Unused);
                break;
            case { Overflow: OverflowMode.Wrap, SaturationBits: 0, IsSigned: true }:
                Finish<SignedWrap>(tile.Accumulators, count);
                break;
            case { Overflow: OverflowMode.Saturate or OverflowMode.SaturateSymmetric }:
                Finish<Saturation>(tile.Accumulators, count);
                break;
            default:
                Finish<AnyOverflow>(tile.Accumulators, count);
                break;
        }
    }

    /// <summary>
    /// <see cref="SignedWrap"/> of what needs no rounding, by far the commonest: its one constant
    /// stays in a register, where those of a whole conversion are loaded for every vector.
    /// </summary>
    private static void Wrap(int* accumulators, int count, int unused)
    {
        for (int* sum = accumulators; sum < accumulators + count; sum += Vector<int>.Count)
            (Vector.Load(sum) << unused >> unused).Store(sum);
    }

    private void Finish<TOverflow>(int* accumulators, int count)
        where TOverflow : struct, IVectorOverflow
    {
        VectorConversion<int> conversion = _conversion;
        for (int* sum = accumulators; sum < accumulators + count; sum += Vector<int>.Count)
        {
            Vector<int> value = Vector.Load(sum);
            TOverflow.Fit(value, AnyRounding.Round(value, conversion), conversion).Store(sum);
        }
    }

    private void Raise(in MacTile<short, int> tile, int count)
    {
        tile.ClearFlags(Padded);
        int* overflowed = tile.Plane(MacFlag.AccumulatorOverflowed, Padded);
        int* inexact = tile.Plane(MacFlag.AccumulatorInexact, Padded);
        for (int i = 0; i < count; i += Vector<int>.Count)
        {
            Vector<int> value = Vector.Load(tile.Accumulators + i);
            Vector<int> rounded = AnyRounding.Round(value, _conversion);
            Vector<int> outside = Vector.LessThan(rounded, _conversion.Lowest)
                | Vector.GreaterThan(rounded, _conversion.Max);
            outside.Store(overflowed + i);
            (value & _conversion.Dropped).Store(inexact + i);
        }
    }
}

using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>An accumulation whose sums are converted once, at the end.</summary>
internal sealed unsafe class FinishedAccumulation(
    Accumulation<short, int> sums, ConversionSpec conversion) : Accumulation<short, int>
{
    private readonly VectorConversion<int> _conversion = new(conversion);
    public override int Padded => sums.Padded;

    public override void Run(in MacTile<short, int> tile)
    {
        sums.Run(tile);
        int count = tile.PaddedColumns * Padded;
        switch (_conversion.Spec)
        {
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
}

using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>An accumulation whose sums are converted once, at the end.</summary>
internal sealed unsafe class FinishedAccumulation(Accumulation<short, int> sums, ConversionSpec conversion)
    : Accumulation<short, int>
{
    private readonly VectorConversion<int> _conversion = new(conversion);
    private readonly bool _saturates =
        conversion.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric;

    public override int Padded => sums.Padded;

    public override void Run(in MacTile<short, int> tile)
    {
        sums.Run(tile);
        int* end = tile.Accumulators + (tile.PaddedColumns * Padded);
        for (int* sum = tile.Accumulators; sum < end; sum += Vector<int>.Count)
        {
            Vector<int> value = Vector.Load(sum);
            Vector<int> rounded = AnyRounding.Round(value, _conversion);
            Vector<int> fitted = _saturates
                ? Saturation.Fit(value, rounded, _conversion)
                : AnyOverflow.Fit(value, rounded, _conversion);
            fitted.Store(sum);
        }
    }
}

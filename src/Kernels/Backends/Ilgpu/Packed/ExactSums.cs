using ILGPU;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>What a byte product gives, [channel][column].</summary>
/// <param name="Sums">Exact sums of products.</param>
/// <param name="Bounds">Sums of their magnitudes; filled where sums have to be checked.</param>
/// <param name="Columns">Images times positions.</param>
internal readonly record struct ExactSums(ArrayView<int> Sums, ArrayView<int> Bounds, int Columns)
{
    /// <summary>Where the sum of an output is.</summary>
    public int At(WindowPlace place, int positions) =>
        (place.Channel * (Columns - positions)) + (place.Image * positions) + place.Element;

    /// <summary>What a bound is where the sum has to be computed step by step.</summary>
    public const int Marked = -1;

    /// <summary>Whether an output has to be computed step by step.</summary>
    public bool IsMarked(WindowPlace place, int positions) =>
        Bounds[At(place, positions)] == Marked;
}

using ILGPU;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// A window of two by two values that lies in the image: nothing to ask about its edges, and no
/// loop. Blittable.
/// </summary>
/// <param name="A">Above, left.</param>
/// <param name="B">Above, right.</param>
/// <param name="C">Below, left.</param>
/// <param name="D">Below, right.</param>
internal readonly record struct Quad(float A, float B, float C, float D)
{
    private const int Lanes = ImageBlocks.Lanes;

    public float Largest
    {
        get
        {
            float best = A;
            if (B > best) best = B;
            if (C > best) best = C;
            if (D > best) best = D;
            return best;
        }
    }

    /// <summary>Reads one.</summary>
    /// <param name="from">The image.</param>
    /// <param name="first">Where its first value lies.</param>
    /// <param name="shape">Sizes.</param>
    public static Quad Of(ArrayView<float> from, long first, PoolShape shape)
    {
        long below = first + (shape.FromColumns * Lanes);
        return new(from[first], from[first + Lanes], from[below], from[below + Lanes]);
    }

    /// <summary>
    /// Stores a gradient where the largest is, the first among equals, and 0 else.
    /// </summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="target">Where it is stored.</param>
    /// <param name="first">Where the first value lies.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="ending">What becomes of it.</param>
    public void Spread(
        float gradient, Target target, long first, PoolShape shape, Ending ending)
    {
        float best = A;
        int winner = 0;
        if (B > best) (best, winner) = (B, 1);
        if (C > best) (best, winner) = (C, 2);
        if (D > best) winner = 3;
        long below = first + (shape.FromColumns * Lanes);
        target.Store(first, winner == 0 ? gradient : 0, ending);
        target.Store(first + Lanes, winner == 1 ? gradient : 0, ending);
        target.Store(below, winner == 2 ? gradient : 0, ending);
        target.Store(below + Lanes, winner == 3 ? gradient : 0, ending);
    }
}

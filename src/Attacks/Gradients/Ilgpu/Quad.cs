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
        ArrayView<float> window = from.SubView(first);
        int below = shape.FromColumns * Lanes;
        return new(window[0], window[Lanes], window[below], window[below + Lanes]);
    }

    /// <summary>Which is the largest, the first among equals.</summary>
    public int Winner
    {
        get
        {
            // One at a time, so that lanes choose and do not part.
            int winner = B > A ? 1 : 0;
            float best = B > A ? B : A;
            winner = C > best ? 2 : winner;
            best = C > best ? C : best;
            return D > best ? 3 : winner;
        }
    }

    /// <summary>
    /// What a gradient needs to know of a window: where its largest value is, or that none passes.
    /// </summary>
    /// <param name="winner">Where.</param>
    /// <param name="best">That value.</param>
    /// <param name="masks">1 when nothing passes where no value is above 0.</param>
    public static byte Code(int winner, float best, int masks) =>
        (byte)(masks == 1 && !(best > 0) ? 4 : winner);

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
        int winner = Winner, below = shape.FromColumns * Lanes;
        Target window = target.From(first, ending);

        // Read first, then stored: as in Target.Store.
        Quad ended = new(
            window.Ended(0, winner == 0 ? gradient : 0, ending),
            window.Ended(Lanes, winner == 1 ? gradient : 0, ending),
            window.Ended(below, winner == 2 ? gradient : 0, ending),
            window.Ended(below + Lanes, winner == 3 ? gradient : 0, ending));
        window.To[0] = ended.A;
        window.To[Lanes] = ended.B;
        window.To[below] = ended.C;
        window.To[below + Lanes] = ended.D;
    }
}

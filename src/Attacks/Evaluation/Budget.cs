using System.Numerics.Tensors;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// What an attack may do to an image: any change of at most epsilon that leaves pixels in [0, 1].
/// </summary>
/// <param name="Norm">How change is measured.</param>
/// <param name="Epsilon">The most of it.</param>
public sealed record Budget(Norm Norm, Epsilon Epsilon)
{
    /// <summary>At most so much for every pixel, as in <c>8/255</c>.</summary>
    /// <exception cref="FormatException">It is no epsilon.</exception>
    public static Budget Linf(string epsilon) => new(Norm.Linf, Epsilon.Parse(epsilon));

    /// <summary>
    /// The largest pixel value of an integer image, 255 for 8 bits: changed pixels are then
    /// multiples of its inverse, as those of a real input are. Null leaves them free.
    /// </summary>
    public int? PixelLevels { get; init; }

    /// <summary>The size of a change under the budget's norm, in double.</summary>
    public double Distance(ReadOnlySpan<float> original, ReadOnlySpan<float> changed)
    {
        if (Norm == Norm.Linf) return PixelVectors.LargestChange(original, changed);
        double sum = 0;
        for (int i = 0; i < original.Length; i++)
        {
            double change = Math.Abs((double)changed[i] - original[i]);
            sum += Norm == Norm.L2 ? change * change : change;
        }

        return Norm == Norm.L2 ? Math.Sqrt(sum) : sum;
    }

    /// <summary>Whether the image is within epsilon and [0, 1], with no tolerance.</summary>
    public bool Contains(ReadOnlySpan<float> original, ReadOnlySpan<float> changed) =>
        Contains(original, changed, out _);

    /// <summary>The same, and the size of the change.</summary>
    internal bool Contains(
        ReadOnlySpan<float> original, ReadOnlySpan<float> changed, out double distance)
    {
        distance = Distance(original, changed);
        return distance <= Epsilon.Value
            && TensorPrimitives.Min(changed) >= 0
            && TensorPrimitives.Max(changed) <= 1;
    }

    /// <summary>
    /// Moves an image to the nearest one within epsilon (to float accuracy, never past it), then
    /// into [0, 1]. A pixel that is not a number becomes the original's.
    /// </summary>
    public void Constrain(ReadOnlySpan<float> original, Span<float> changed)
    {
        PixelVectors.ReplaceNaN(original, changed);
        if (Norm == Norm.Linf) PixelVectors.Constrain(original, changed, Epsilon.Value);
        else ConstrainSum(original, changed);
        PixelVectors.Clip(changed);
    }

    /// <summary>
    /// The value nearest to a wanted one that a pixel may have by itself, others aside: within
    /// epsilon, in [0, 1], and on the grid where there is one.
    /// </summary>
    public float Nearest(float original, float wanted)
    {
        Span<float> pixel = [wanted];
        if (Norm == Norm.Linf) Constrain([original], pixel);
        else PixelVectors.Clip(pixel);
        Snap([original], pixel);
        return pixel[0];
    }

    /// <summary>
    /// Moves changed pixels onto the grid of <see cref="PixelLevels"/>: under Linf to the nearest
    /// value within epsilon, under the others to the nearest in the original's direction. Where
    /// there is none, the original's.
    /// </summary>
    public void Snap(ReadOnlySpan<float> original, Span<float> changed)
    {
        if (PixelLevels is not { } levels) return;
        for (int i = 0; i < changed.Length; i++)
        {
            if (changed[i] == original[i]) continue;
            bool isUp = changed[i] > original[i];
            double at = (double)changed[i] * levels,
                step = isUp ? -1 : 1;
            double level =
                Norm == Norm.Linf ? Math.Round(at)
                : isUp ? Math.Floor(at)
                : Math.Ceiling(at);
            if (!Allows((float)(level / levels), original[i]))
                level += step;
            float pixel = (float)(level / levels);
            bool isBeyond = isUp ? pixel < original[i] : pixel > original[i];
            changed[i] = isBeyond || !Allows(pixel, original[i]) ? original[i] : pixel;
        }
    }

    /// <summary>For example <c>linf 8/255</c>.</summary>
    public override string ToString() => $"{Norm.ToString().ToLowerInvariant()} {Epsilon}";

    private bool Allows(float pixel, float original) =>
        Norm != Norm.Linf || Math.Abs((double)pixel - original) <= Epsilon.Value;

    private void ConstrainSum(ReadOnlySpan<float> original, Span<float> changed)
    {
        if (Distance(original, changed) <= Epsilon.Value) return;
        double[] change = new double[changed.Length];
        for (int i = 0; i < change.Length; i++) change[i] = (double)changed[i] - original[i];
        if (Norm == Norm.L2) Projection.ToL2Ball(change, Epsilon.Value);
        else Projection.ToL1Ball(change, Epsilon.Value);

        // Rounding to float may lengthen the change: cut it, by one part in 2^24 at first, until it
        // fits.
        for (double cut = 0; ; cut = cut == 0 ? 1.0 / (1 << 24) : 2 * cut)
        {
            for (int i = 0; i < change.Length; i++)
                changed[i] = (float)(original[i] + (Math.Max(1 - cut, 0) * change[i]));
            if (Distance(original, changed) <= Epsilon.Value) return;
        }
    }
}

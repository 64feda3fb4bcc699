using QSim.Attacks.Methods;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// By slot, the image with the largest margin that was shown, whichever attempt showed it, the
/// smallest change of a margin, and how far a finer classifier's margin was ever seen from the
/// source's.
/// </summary>
/// <param name="images">The images of the run.</param>
internal sealed class BestImages(LabelledImages images)
{
    /// <summary>
    /// Two classifiers that never differed by more than a quarter of what is missing.
    /// </summary>
    private const double Times = 4;

    /// <summary>
    /// Fewer different margins between an image and the boundary are coarse, as where logits have 3
    /// or 4 bits.
    /// </summary>
    private const int Levels = 16;

    /// <summary>
    /// Smaller changes are those of float32, in which scaled integers are compared.
    /// </summary>
    private const double Noise = 1e-4;

    private readonly int _length = images.Shape.Length;
    private readonly float[] _pixels = new float[images.Pixels.Length];
    private readonly double[] _margins =
        [.. Enumerable.Repeat(double.NegativeInfinity, images.Count)];

    private readonly double[] _first = [.. Enumerable.Repeat(double.NaN, images.Count)];

    private readonly double[] _changes =
        [.. Enumerable.Repeat(double.PositiveInfinity, images.Count)];

    private readonly double[] _gaps = [.. Enumerable.Repeat(double.NaN, images.Count)];

    private readonly double[] _largest = new double[images.Count];

    /// <summary>Takes in an image that was shown.</summary>
    public void Note(int slot, double margin, ReadOnlySpan<float> image)
    {
        if (double.IsNaN(_first[slot])) _first[slot] = margin;
        double change = Math.Abs(margin - _margins[slot]);
        if (change > Noise * Math.Abs(_first[slot]) && change < _changes[slot])
            _changes[slot] = change;
        if (margin <= _margins[slot]) return;
        _margins[slot] = margin;
        image.CopyTo(_pixels.AsSpan(slot * _length));
    }

    /// <summary>Takes in the two margins of one image.</summary>
    public void NoteFine(int slot, double margin, double fine)
    {
        double gap = Math.Abs(margin - fine);
        _gaps[slot] = double.IsNaN(_gaps[slot]) ? gap : Math.Max(_gaps[slot], gap);
        _largest[slot] = Math.Max(_largest[slot], Math.Abs(fine));
    }

    /// <summary>Copies out the best, where there is any.</summary>
    public void CopyTo(int slot, Span<float> image)
    {
        if (_margins[slot] > double.NegativeInfinity)
            _pixels.AsSpan(slot * _length, _length).CopyTo(image);
    }

    /// <summary>
    /// Whether the finer classifier tells all there is to know: the two were compared, and the best
    /// image misses the boundary by several times the most that they ever differed.
    /// </summary>
    public bool IsSettled(int slot) => -_margins[slot] > Times * _gaps[slot];

    /// <summary>
    /// Whether the finer classifier is no guide to the source: the two margins, where they were
    /// compared, differed by more than <see cref="SquareBest.Trust"/> of the finer one's largest.
    /// </summary>
    public bool IsUnlike(int slot) => _gaps[slot] > SquareBest.Trust * _largest[slot];

    /// <summary>
    /// Whether the best image still comes short of the boundary by more than a share of what the
    /// image that was shown first did. Where margins are too coarse to show that something is being
    /// gained, no image is.
    /// </summary>
    public bool IsRemote(int slot, double share) =>
        !IsNear(slot, share) && -_first[slot] >= Levels * _changes[slot];

    /// <summary>
    /// Whether the best image comes short of the boundary by no more than a share of what the image
    /// that was shown first did.
    /// </summary>
    public bool IsNear(int slot, double share) => -_margins[slot] <= share * -_first[slot];
}

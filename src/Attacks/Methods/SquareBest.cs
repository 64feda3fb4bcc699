using QSim.Attacks.Evaluation;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods;

/// <summary>
/// By slot, the image that <see cref="SquareAttack"/> took last: one whose score is larger than
/// before. The score is the margin. Where logits are integers of hardware, which small changes
/// leave as they are, an image of the same score is taken too.
/// </summary>
/// <remarks>
/// For who knows the design, the margin of the float network behind hardware is to be had at every
/// image, which is no query of the hardware and is not counted as one. Hardware's own margin is
/// that one with every layer's rounding on top, which changes from image to image: a search that
/// takes what rounding made better keeps luck, not progress, and soon stands still. So the float
/// network's margin weighs more, and hardware's, which alone says whether an image is wrong,
/// decides between images that the network takes for equals. Without a weight it is the other way
/// round: the network's margin decides between equal margins of hardware.
/// Where sums wrap the network knows nothing of what breaks hardware. So it guides an image only
/// while the two margins never differed by more than <see cref="Trust"/> of the largest that the
/// network had; from then on it is as without a weight.
/// </remarks>
/// <param name="run">The run.</param>
/// <param name="guide">
/// Weight of the float network's margin beside that of hardware, where the design is known.
/// </param>
internal sealed class SquareBest(AttackRun run, double guide)
{
    /// <summary>
    /// On the digits network 4-bit rounding mostly makes margins differ by less than this, sums
    /// that wrap by more (src/Attacks/README.md has what other shares leave).
    /// </summary>
    public const double Trust = 0.5;

    private readonly int _length = run.ImageLength;
    private readonly float[] _images =
        new float[Sizes.Elements(run.Count, run.ImageLength)];
    private readonly double[] _fine = new double[run.Count];
    private readonly double[] _gaps = new double[run.Count];
    private readonly double[] _largest = new double[run.Count];
    private readonly double[] _margins =
        [.. Enumerable.Repeat(double.NegativeInfinity, run.Count)];

    private readonly List<int> _better = [];

    /// <summary>The image of a slot.</summary>
    public ReadOnlySpan<float> Image(int slot) => _images.AsSpan(slot * _length, _length);

    /// <summary>Takes current images that are better, after they were shown.</summary>
    public void Take()
    {
        if (guide > 0 && run.HasPlateaus && run.HasFineMargins) TakeGuided();
        else TakeMargins();
    }

    private void TakeGuided()
    {
        double[] fine = run.FineMargins(run.Active);
        for (int i = 0; i < fine.Length; i++)
        {
            int slot = run.Active[i];
            double margin = run.Margin(slot);
            _gaps[slot] = Math.Max(_gaps[slot], Math.Abs(margin - fine[i]));
            _largest[slot] = Math.Max(_largest[slot], Math.Abs(fine[i]));
            if (!IsBetter(slot, margin, fine[i])) continue;
            (_margins[slot], _fine[slot]) = (margin, fine[i]);
            run.Current(slot).CopyTo(_images.AsSpan(slot * _length));
        }
    }

    private bool IsBetter(int slot, double margin, double fine)
    {
        if (_gaps[slot] <= Trust * _largest[slot])
            return margin + (guide * fine) >= _margins[slot] + (guide * _fine[slot]);
        return margin > _margins[slot] || (margin == _margins[slot] && fine >= _fine[slot]);
    }

    private void TakeMargins()
    {
        bool ties = run.HasPlateaus, looks = ties && run.HasFineMargins;
        _better.Clear();
        foreach (int slot in run.Active)
            if (run.Margin(slot) is var margin
                && (margin > _margins[slot] || (ties && margin == _margins[slot])))
                _better.Add(slot);
        double[] fine = looks ? run.FineMargins(_better) : [];
        for (int i = 0; i < _better.Count; i++)
        {
            int slot = _better[i];
            double margin = run.Margin(slot);
            if (looks && margin == _margins[slot] && fine[i] < _fine[slot]) continue;
            _margins[slot] = margin;
            if (looks) _fine[slot] = fine[i];
            run.Current(slot).CopyTo(_images.AsSpan(slot * _length));
        }
    }

    /// <summary>Moves current images to those taken.</summary>
    public void Restore()
    {
        foreach (int slot in run.Active) Image(slot).CopyTo(run.Current(slot));
    }
}

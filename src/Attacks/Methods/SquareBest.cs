using QSim.Attacks.Evaluation;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods;

/// <summary>
/// By slot, the image that <see cref="SquareAttack"/> took last: one whose margin is larger than
/// before. Where logits are integers of hardware, which small changes leave as they are, one with
/// the same margin is taken too; and for who knows the design the margin of the float network
/// decides between two whose margins are the same, which is no query of the hardware and is not
/// counted as one.
/// </summary>
/// <param name="run">The run.</param>
internal sealed class SquareBest(AttackRun run)
{
    private readonly int _length = run.ImageLength;
    private readonly float[] _images =
        new float[Sizes.Elements(run.Count, run.ImageLength)];
    private readonly double[] _fine = new double[run.Count];
    private readonly double[] _margins =
        [.. Enumerable.Repeat(double.NegativeInfinity, run.Count)];

    private readonly List<int> _better = [];

    /// <summary>The image of a slot.</summary>
    public ReadOnlySpan<float> Image(int slot) => _images.AsSpan(slot * _length, _length);

    /// <summary>Takes current images that are better, after they were shown.</summary>
    public void Take()
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

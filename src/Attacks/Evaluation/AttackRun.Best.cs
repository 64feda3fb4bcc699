using QSim.Kernels.Datapath;

namespace QSim.Attacks.Evaluation;

/// <content>The best so far, and what a finer classifier makes of it.</content>
public sealed partial class AttackRun
{
    private float[]? _fineImages;

    /// <summary>Whether small changes leave the source's logits as they are.</summary>
    public bool HasPlateaus => _target.Source.HasPlateaus;

    /// <summary>Whether <see cref="FineMargins"/> are to be had.</summary>
    public bool HasFineMargins => Knowledge == Knowledge.Gradients
        && _target.Source is IFineClassifier { HasFineScores: true };

    /// <summary>
    /// The hardware's program, for who knows the design; null where the source is no simulated
    /// hardware, or may not be looked into.
    /// </summary>
    internal QuantizedProgram? Design => Knowledge == Knowledge.Gradients
        ? (_target.Source as HardwareClassifier)?.Program
        : null;

    /// <summary>Whether no other thread is at other images meanwhile.</summary>
    internal bool IsAlone => _target.Source is not HardwareClassifier { IsView: true };

    /// <summary>
    /// <see cref="Margin(int)"/> of slots, in their order, by the source's fine scores at the
    /// current images. Not counted as queries.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The source has none, or may not be looked into.
    /// </exception>
    public double[] FineMargins(IReadOnlyList<int> slots)
    {
        if (!HasFineMargins)
            throw new InvalidOperationException($"{_attack.Name} may not see fine scores");
        int count = slots.Count;
        _fineImages ??= new float[_slots.Current.Length];
        float[] scores = new float[Sizes.Elements(count, Classes)];
        Span<float> images = _fineImages.AsSpan(0, count * ImageLength);
        for (int i = 0; i < count; i++)
            Current(slots[i]).CopyTo(images[(i * ImageLength)..]);
        if (count > 0) ((IFineClassifier)_target.Source).FineScores(images, count, scores);
        double[] margins = new double[count];
        for (int i = 0; i < count; i++)
            margins[i] = Margin(scores.AsSpan(i * Classes, Classes), Label(slots[i]));
        return margins;
    }

    /// <summary>
    /// Whether the source is known to read the current image as it reads another, so that asking it
    /// would tell nothing. False for who does not know the design.
    /// </summary>
    public bool IsReadAs(int slot, ReadOnlySpan<float> other) => HasFineMargins
        && ((IFineClassifier)_target.Source).ReadsAlike(Current(slot), other);

    /// <summary>
    /// Moves current images to the best that was shown so far, whichever attempt showed it. For
    /// attacks that said so (<see cref="Methods.IAttack.StartsAtBest"/>).
    /// </summary>
    public void ToBest()
    {
        foreach (int slot in _active) _best?.CopyTo(slot, Current(slot));
    }

    /// <summary>Compares the source's margins at the current images with the fine ones.</summary>
    public void Compare()
    {
        if (_best is null || !HasFineMargins) return;
        double[] fine = FineMargins(_active);
        for (int i = 0; i < fine.Length; i++)
            _best.NoteFine(_active[i], Margin(_active[i]), fine[i]);
    }

    /// <summary>
    /// Lets go of images on which source and finer classifier agree so well that what breaks the
    /// one would break the other, and nothing that broke the finer one was near.
    /// </summary>
    public void ReleaseSettled()
    {
        if (_best is not null) _active.RemoveAll(_best.IsSettled);
    }

    /// <summary>Lets go of images on which the finer classifier guides to the source.</summary>
    public void ReleaseAlike()
    {
        if (_best is { } best) _active.RemoveAll(slot => !best.IsUnlike(slot));
    }

    /// <summary>
    /// As <see cref="ReleaseFar"/>, but only images whose margins are fine enough to tell.
    /// </summary>
    public void ReleaseRemote(double share)
    {
        if (_best is { } best) _active.RemoveAll(slot => best.IsRemote(slot, share));
    }

    /// <summary>
    /// Lets go of images whose best margin so far is more than a share of the first that was shown.
    /// </summary>
    public void ReleaseFar(double share)
    {
        if (_best is { } best) _active.RemoveAll(slot => !best.IsNear(slot, share));
    }

    /// <summary>Lets go of images that had a gradient other than zero while they stood.</summary>
    public void ReleaseSeeing() => _active.RemoveAll(
        slot => _records.ZeroGradients[slot] < _records.GradientsWhileRight[slot]);
}

using QSim.Attacks.Gradients;

namespace QSim.Attacks.Evaluation;

/// <content>What the source is asked, and what becomes of its answers.</content>
public sealed partial class AttackRun
{
    /// <summary>
    /// Gradients, losses, logits and decisions at the current images that are active.
    /// </summary>
    /// <param name="loss">The loss.</param>
    /// <param name="labels">By slot, what the loss is about; null means the true classes.</param>
    /// <param name="some">Some of the active slots; null means all.</param>
    public void Gradients(ILoss loss, int[]? labels = null, IReadOnlyList<int>? some = null)
    {
        if (_target.Source is not IDifferentiableClassifier source
            || Knowledge != Knowledge.Gradients)
            throw new InvalidOperationException($"{_attack.Name} may not see gradients");
        labels ??= _images.Labels;
        IReadOnlyList<int> slots = some ?? _active;
        if (!Show(slots)) return;
        _slots.Differentiate(source, slots, labels, loss);
        CountGradients(slots);
        if (_zero.Count > 0) TraceZeros(source, labels, loss);
        Record(slots);
    }

    /// <summary>Logits and decisions at the current images.</summary>
    /// <param name="slots">Some of the active slots; null means all.</param>
    public void Query(IReadOnlyList<int>? slots = null)
    {
        slots ??= _active;
        if (!Show(slots)) return;
        _slots.Classify(_target.Source, slots);
        Record(slots);
    }

    /// <summary>
    /// Logits and decisions at current images that the attack does not propose: they may leave the
    /// budget (not [0, 1]) and are not remembered when they fool.
    /// </summary>
    /// <param name="slots">Some of the active slots; null means all.</param>
    public void Probe(IReadOnlyList<int>? slots = null)
    {
        slots ??= _active;
        _isProbe = true;
        if (Show(slots)) _slots.Classify(_target.Source, slots);
        _isProbe = false;
    }

    /// <summary>
    /// As <see cref="Gradients"/>, at current images that the attack does not propose, as with
    /// <see cref="Probe"/>. Counts as a step.
    /// </summary>
    public void ProbeGradients(ILoss loss, int[]? labels = null)
    {
        _isProbe = true;
        Gradients(loss, labels);
        _isProbe = false;
        _asked++;
    }

    /// <summary>For attacks that are long at work without a question to the source.</summary>
    internal void ThrowIfCancelled() => _cancellation.ThrowIfCancellationRequested();

    /// <summary>
    /// Makes ready what the source is to see, and counts it; false when there is nothing to see.
    /// </summary>
    private bool Show(IReadOnlyList<int> slots)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (slots.Count == 0) return false;
        bool isFree = _isProbe || _running.IsMinimalNorm;
        if (!isFree && Budget.Norm == Norm.Linf)
            _bounds ??= new(_images.Pixels, ImageLength, Budget);
        if (Batches.IsLarge(slots.Count)) ShowMany(slots, isFree);
        else
            for (int i = 0; i < slots.Count; i++) Show(slots[i], isFree);

        if (!_isProbe) _asked++;
        return true;
    }

    private void ShowMany(IReadOnlyList<int> slots, bool isFree) =>
        Batches.ForEach(slots.Count, i => Show(slots[i], isFree));

    private void Show(int slot, bool isFree)
    {
        if (isFree) Clip(slot);
        else Constrain(slot);
        _records.Queries[slot] += _target.Source.Passes;
        if (Budget.PixelLevels is null) return;
        Current(slot).CopyTo(Shown(slot));
        Budget.Snap(Original(slot), Shown(slot));
    }

    private void CountGradients(IReadOnlyList<int> slots)
    {
        _zero.Clear();
        for (int i = 0; i < slots.Count; i++)
        {
            int slot = slots[i];
            _records.Gradients[slot] += _target.Source.Passes;

            // Where the attack has already won, a loss may well have nothing left to climb.
            if (_slots.Classes[slot] != Label(slot)) continue;
            _records.GradientsWhileRight[slot] += _target.Source.Passes;
            if (!Gradient(slot).ContainsAnyExcept(0)) _zero.Add(slot);
        }
    }

    /// <summary>
    /// Where gradients that are zero die, once per image: it costs a pass of its own.
    /// </summary>
    private void TraceZeros(IDifferentiableClassifier source, int[] labels, ILoss loss)
    {
        foreach (int slot in _zero) _records.ZeroGradients[slot] += _target.Source.Passes;
        int[] slots = [.. _zero.Where(_records.IsUntraced)];
        if (slots.Length == 0) return;
        string?[] layers = _slots.DeadLayers(source, slots, labels, loss);
        for (int i = 0; i < slots.Length; i++) _records.Trace(slots[i], layers[i]);
    }

    private void Clip(int slot)
    {
        Span<float> current = Current(slot);
        PixelVectors.ReplaceNaN(Original(slot), current);
        PixelVectors.Clip(current);
    }

    /// <summary>
    /// Keeps what fools the source, and lets go of images that need no more work.
    /// </summary>
    private void Record(IReadOnlyList<int> slots)
    {
        if (_isProbe) return;
        if (_best is not null)
            for (int i = 0; i < slots.Count; i++)
                _best.Note(slots[i], Margin(slots[i]), Shown(slots[i]));
        if (JudgedElsewhere) return;
        for (int i = 0; i < slots.Count; i++)
        {
            int slot = slots[i];
            if (_slots.Classes[slot] == Label(slot)
                || !Budget.Contains(Original(slot), Shown(slot)))
                continue;
            double distance = Budget.Distance(Original(slot), Shown(slot));
            if (_records.Fooled[slot]
                && (!_attack.IsMinimalNorm || distance >= _records.Distances[slot]))
                continue;
            MarkFooled(slot);
            _records.Distances[slot] = distance;
            _slots.Keep(slot);
        }

        if (!_attack.IsMinimalNorm) _active.RemoveAll(_isFooled);
    }
}

namespace QSim.Attacks.Evaluation;

/// <content>How attempts begin and end, and what is handed in after the last.</content>
public sealed partial class AttackRun
{
    /// <summary>Lets the attack have its attempts at the wanted slots.</summary>
    /// <param name="wanted">By slot.</param>
    /// <param name="restarts">How often it makes all its attempts.</param>
    /// <param name="kept">Filled with the images that it leaves.</param>
    internal void Carry(bool[] wanted, int restarts, Memory<float> kept)
    {
        _slots.Kept = kept;
        for (Restart = 0; Restart < restarts; Restart++)
            for (Attempt = 0; Attempt < _attack.Attempts(Classes); Attempt++)
            {
                Begin(wanted);
                if (_active.Count == 0) continue;
                _attempted = [.. _active];
                foreach (int slot in _attempted) _records.WasAttacked[slot] = true;
                (_asked, _steps) = (0, _attack.Steps);
                _attack.Run(this);
                End();
            }

        Batches.ForEach(Count, slot => _slots.KeepOriginal(slot, Original(slot)));
    }

    /// <summary>What became of each image.</summary>
    /// <exception cref="InvalidOperationException">
    /// An image is outside the budget: a defect.
    /// </exception>
    internal void HandIn(Memory<ImageOutcome> outcomes) =>
        Batches.ForEach(Count, slot => outcomes.Span[slot] = Outcome(slot));

    private ImageOutcome Outcome(int slot)
    {
        ReadOnlySpan<float> kept = _slots.Kept.Span.Slice(slot * ImageLength, ImageLength);
        if (!Budget.Contains(Original(slot), kept, out double distance))
            throw new InvalidOperationException($"{_attack.Name} left the budget {Budget}");
        ImageOutcome outcome = _records.Outcome(slot, distance);
        return _attack.IsMinimalNorm
            ? outcome with { Smallest = _records.Distances[slot] }
            : outcome;
    }

    private void Begin(bool[] wanted)
    {
        bool keepsGoing = _attack.IsMinimalNorm || (JudgedElsewhere && !_attack.StopsAtSource);
        _climbed = null;
        _active.Clear();
        for (int slot = 0; slot < Count; slot++)
        {
            if (!wanted[slot] || (_records.Fooled[slot] && !keepsGoing)) continue;
            _active.Add(slot);
        }

        // At the first they are there already.
        if (Restart > 0 || Attempt > 0)
            Batches.ForEach(_active.Count, i => Original(_active[i]).CopyTo(Current(_active[i])));
    }

    /// <summary>
    /// Ends an attempt. Where images are judged elsewhere, each attempt's last image is handed in,
    /// the one among attempts that the source gets most wrong; elsewhere, where nothing fooled, the
    /// last. An attack for the smallest change has handed in whatever it showed.
    /// </summary>
    private void End()
    {
        if (_attack.IsMinimalNorm) return;
        _active.Clear();
        _active.AddRange(_attempted.Where(slot => !_records.Fooled[slot] || JudgedElsewhere));
        if (_active.Count > 0 && !TryAnswer()) Query();
        Batches.ForEach(_active.Count, i => End(_active[i]));
    }

    private void End(int slot)
    {
        double margin = JudgedElsewhere ? Margin(slot) : 0;
        if (JudgedElsewhere ? margin > _records.Margins[slot] : !_records.Fooled[slot])
            _slots.Keep(slot);
        _records.Margins[slot] = Math.Max(_records.Margins[slot], margin);
        if (_slots.Classes[slot] != Label(slot)) MarkFooled(slot);
    }
}

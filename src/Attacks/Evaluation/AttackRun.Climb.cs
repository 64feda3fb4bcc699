using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Evaluation;

/// <content>Steps that the source makes by itself, where its images are.</content>
public sealed partial class AttackRun
{
    /// <summary>
    /// Asks for gradients and steps along their sign, as often as said, where the source can do all
    /// of it by itself; the records are those of steps made one by one. Else does nothing.
    /// </summary>
    /// <param name="loss">The loss.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="step">Length of a step.</param>
    /// <returns>Whether they were made.</returns>
    public bool TryClimb(ILoss loss, int steps, double step)
    {
        var climb = new Climb(loss, steps, (float)step, Budget, !JudgedElsewhere);
        if (Budget.Norm != Norm.Linf || Budget.PixelLevels is not null || _running.IsMinimalNorm
            || Knowledge != Knowledge.Gradients || _active.Count == 0
            || _target.Source is not IClimber source || !source.CanClimb(climb))
            return false;
        int[] slots = [.. _active];
        bool isWhole = slots.Length == Count;
        var images = new ClimbImages(
            isWhole ? _slots.Current : Rows(_slots.Current, slots),
            isWhole ? _images.Pixels : Rows(_images.Pixels, slots),
            [.. slots.Select(Label)],
            isWhole ? _slots.Logits : new float[Sizes.Elements(slots.Length, Classes)]);
        source.Make(climb, images, _cancellation);
        for (int i = 0; i < slots.Length && !isWhole; i++)
        {
            images.Pixels.AsSpan(i * ImageLength, ImageLength).CopyTo(Current(slots[i]));
            images.Logits.AsSpan(i * Classes, Classes)
                .CopyTo(_slots.Logits.AsSpan(slots[i] * Classes));
        }

        RecordClimb(images, slots);
        TraceZeros(images, slots, source, loss);
        if (!JudgedElsewhere) _active.RemoveAll(_isFooled);
        if (_running == _attack) _climbed = (slots, images.Decisions);
        return true;
    }

    /// <summary>
    /// What a question about the images would give where the attempt was a climb and nothing else:
    /// that was answered where it ended.
    /// </summary>
    private bool TryAnswer()
    {
        if (_climbed is not { } climbed) return false;
        _climbed = null;
        for (int i = 0; i < climbed.Slots.Length; i++)
            _slots.Classes[climbed.Slots[i]] = climbed.Decisions[i];
        foreach (int slot in _active) _records.Queries[slot] += _target.Source.Passes;
        _asked++;
        Record(_active);
        return true;
    }

    private void RecordClimb(ClimbImages images, int[] slots)
    {
        int asked = _asked;
        for (int i = 0; i < slots.Length; i++)
        {
            int slot = slots[i], passes = images.Questions[i] * _target.Source.Passes;
            _records.Queries[slot] += passes;
            _records.Gradients[slot] += passes;
            _records.ZeroGradients[slot] += images.Zeros[i] * _target.Source.Passes;
            _slots.Classes[slot] = images.Classes[i];
            if (JudgedElsewhere || images.Classes[i] == Label(slot)) continue;
            _asked = asked + images.Questions[i];
            MarkFooled(slot);
            _records.Distances[slot] = Budget.Distance(Original(slot), Shown(slot));
            _slots.Keep(slot);
        }

        _asked = asked + images.Questions.Max();
    }

    /// <summary>An image whose gradient is zero has stayed where it was.</summary>
    private void TraceZeros(
        ClimbImages images, int[] slots, IDifferentiableClassifier source, ILoss loss)
    {
        int[] zero = [.. slots.Where(
            (slot, i) => images.Zeros[i] > 0 && _records.IsUntraced(slot))];
        if (zero.Length == 0) return;
        string?[] layers = _slots.DeadLayers(source, zero, _images.Labels, loss);
        for (int i = 0; i < zero.Length; i++) _records.Trace(zero[i], layers[i]);
    }

    private float[] Rows(float[] all, int[] slots)
    {
        float[] rows = new float[Sizes.Elements(slots.Length, ImageLength)];
        for (int i = 0; i < slots.Length; i++)
            all.AsSpan(slots[i] * ImageLength, ImageLength)
                .CopyTo(rows.AsSpan(i * ImageLength));
        return rows;
    }
}

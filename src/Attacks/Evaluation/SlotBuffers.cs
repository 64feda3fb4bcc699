using QSim.Attacks.Gradients;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// The arrays of a run, by slot, and the gathering of active slots into one call to a classifier.
/// </summary>
internal sealed class SlotBuffers
{
    private readonly LabelledImages _images;
    private readonly int _length;
    private readonly int _classes;
    private readonly float[] _pixels;
    private readonly float[] _gradients;
    private readonly float[] _losses;
    private readonly float[] _logits;
    private readonly int[] _decisions;
    private readonly int[] _labels;
    private readonly long[] _indices;

    public SlotBuffers(LabelledImages images, int classes)
    {
        _images = images;
        (_length, _classes) = (images.Shape.Length, classes);
        int count = images.Count, pixels = count * _length;
        Current = [.. images.Pixels];
        Shown = [.. images.Pixels];
        Kept = [.. images.Pixels];
        (Gradients, _pixels, _gradients) = (
            new float[pixels], new float[pixels], new float[pixels]);
        (Losses, _losses) = (new float[count], new float[count]);
        (Logits, _logits) = (new float[count * classes], new float[count * classes]);
        (Classes, _decisions, _labels) = (new int[count], new int[count], new int[count]);
        _indices = new long[count];
    }

    public float[] Current { get; }

    /// <summary>
    /// What the source saw last: the current image, on the pixel grid where there is one.
    /// </summary>
    public float[] Shown { get; }

    public float[] Kept { get; }

    public float[] Gradients { get; }

    public float[] Losses { get; }

    public float[] Logits { get; }

    public int[] Classes { get; }

    /// <summary>Makes the image shown last the one that is handed in.</summary>
    public void Keep(int slot) =>
        Shown.AsSpan(slot * _length, _length).CopyTo(Kept.AsSpan(slot * _length));

    public void Differentiate(
        IDifferentiableClassifier source, IReadOnlyList<int> active, int[] labels, ILoss loss)
    {
        Gather(active, labels);
        int count = active.Count;
        source.Differentiate(
            _pixels.AsSpan(0, count * _length),
            _indices.AsSpan(0, count),
            _labels.AsSpan(0, count),
            loss,
            new()
            {
                Gradients = _gradients.AsSpan(0, count * _length),
                Losses = _losses.AsSpan(0, count),
                Logits = _logits.AsSpan(0, count * _classes),
                Classes = _decisions.AsSpan(0, count),
            });
        Scatter(active, hasGradients: true);
    }

    public void Classify(IClassifier source, IReadOnlyList<int> active)
    {
        Gather(active, _images.Labels);
        int count = active.Count;
        source.Classify(
            _pixels.AsSpan(0, count * _length), _indices.AsSpan(0, count),
            _logits.AsSpan(0, count * _classes), _decisions.AsSpan(0, count));
        Scatter(active, hasGradients: false);
    }

    /// <summary>Where the gradients of some slots die.</summary>
    public string?[] DeadLayers(
        IDifferentiableClassifier source, IReadOnlyList<int> slots, int[] labels, ILoss loss)
    {
        Gather(slots, labels);
        int count = slots.Count;
        return source.DeadLayers(
            _pixels.AsSpan(0, count * _length), _indices.AsSpan(0, count), _labels.AsSpan(0, count),
            loss);
    }

    private void Gather(IReadOnlyList<int> active, int[] labels)
    {
        for (int i = 0; i < active.Count; i++)
        {
            int slot = active[i];
            Shown.AsSpan(slot * _length, _length).CopyTo(_pixels.AsSpan(i * _length));
            _labels[i] = labels[slot];
            _indices[i] = _images.FirstIndex + slot;
        }
    }

    private void Scatter(IReadOnlyList<int> active, bool hasGradients)
    {
        for (int i = 0; i < active.Count; i++)
        {
            int slot = active[i];
            _logits.AsSpan(i * _classes, _classes).CopyTo(Logits.AsSpan(slot * _classes));
            Classes[slot] = _decisions[i];
            if (!hasGradients) continue;
            _gradients.AsSpan(i * _length, _length).CopyTo(Gradients.AsSpan(slot * _length));
            Losses[slot] = _losses[i];
        }
    }
}

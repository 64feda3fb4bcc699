using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// The arrays of a run, by slot. Slots that follow one another are put to a classifier where they
/// lie; others are gathered for the call.
/// </summary>
internal sealed class SlotBuffers
{
    private readonly int _length;
    private readonly int _classes;
    private readonly int[] _labels;
    private readonly bool[] _hasKept;
    private readonly Questions _own;
    private Questions? _gathered;

    /// <param name="images">The images.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="hasGrid">Whether the source sees other pixels than the attack has.</param>
    public SlotBuffers(LabelledImages images, int classes, bool hasGrid)
    {
        (_length, _classes, _labels) = (images.Shape.Length, classes, images.Labels);
        _hasKept = new bool[images.Count];
        Current = Batches.Copy(images.Pixels);
        _own = new(hasGrid ? Batches.Copy(images.Pixels) : Current, images.Count, classes);
        for (int slot = 0; slot < images.Count; slot++)
            _own.Indices[slot] = images.FirstIndex + slot;
    }

    public float[] Current { get; }

    /// <summary>
    /// What the source saw last: the current image, on the pixel grid where there is one. Without a
    /// grid the two are the same array, so that it is good only until the attack moves on.
    /// </summary>
    public float[] Shown => _own.Pixels;

    /// <summary>The images that are handed in.</summary>
    public Memory<float> Kept { get; set; }

    public float[] Gradients => _own.Gradients;

    public float[] Losses => _own.Losses;

    public float[] Logits => _own.Logits;

    public int[] Classes => _own.Classes;

    /// <summary>Makes the original the one that is handed in, where no other was.</summary>
    public void KeepOriginal(int slot, ReadOnlySpan<float> original)
    {
        if (!_hasKept[slot]) original.CopyTo(Kept.Span[(slot * _length)..]);
    }

    /// <summary>Makes the image shown last the one that is handed in.</summary>
    public void Keep(int slot)
    {
        _hasKept[slot] = true;
        Shown.AsSpan(slot * _length, _length).CopyTo(Kept.Span[(slot * _length)..]);
    }

    public void Differentiate(
        IDifferentiableClassifier source, IReadOnlyList<int> slots, int[] labels, ILoss loss)
    {
        (Questions q, int[] about, int first) = Arrange(slots, labels);
        int count = slots.Count;
        source.Differentiate(
            q.Pixels.AsSpan(first * _length, count * _length), q.Indices.AsSpan(first, count),
            about.AsSpan(first, count), loss, new()
            {
                Gradients = q.Gradients.AsSpan(first * _length, count * _length),
                Losses = q.Losses.AsSpan(first, count),
                Logits = q.Logits.AsSpan(first * _classes, count * _classes),
                Classes = q.Classes.AsSpan(first, count),
            });
        if (q != _own) Scatter(q, slots, hasGradients: true);
    }

    public void Classify(IClassifier source, IReadOnlyList<int> slots)
    {
        (Questions q, _, int first) = Arrange(slots, _labels);
        int count = slots.Count;
        source.Classify(
            q.Pixels.AsSpan(first * _length, count * _length), q.Indices.AsSpan(first, count),
            q.Logits.AsSpan(first * _classes, count * _classes), q.Classes.AsSpan(first, count));
        if (q != _own) Scatter(q, slots, hasGradients: false);
    }

    /// <summary>Where the gradients of some slots die.</summary>
    public string?[] DeadLayers(
        IDifferentiableClassifier source, IReadOnlyList<int> slots, int[] labels, ILoss loss)
    {
        (Questions q, int[] about, int first) = Arrange(slots, labels);
        int count = slots.Count;
        return source.DeadLayers(
            q.Pixels.AsSpan(first * _length, count * _length), q.Indices.AsSpan(first, count),
            about.AsSpan(first, count), loss);
    }

    /// <summary>Where the slots lie one after another, their labels, and the first one.</summary>
    private (Questions Questions, int[] Labels, int First) Arrange(
        IReadOnlyList<int> slots, int[] labels)
    {
        int count = slots.Count, inPlace = 0;
        while (inPlace < count && slots[inPlace] == slots[0] + inPlace) inPlace++;
        if (inPlace == count) return (_own, labels, slots[0]);
        Questions to = _gathered ??= new(new float[Current.Length], _labels.Length, _classes);
        for (int i = 0; i < count; i++)
        {
            int slot = slots[i];
            Shown.AsSpan(slot * _length, _length).CopyTo(to.Pixels.AsSpan(i * _length));
            to.Labels[i] = labels[slot];
            to.Indices[i] = _own.Indices[slot];
        }

        return (to, to.Labels, 0);
    }

    private void Scatter(Questions from, IReadOnlyList<int> slots, bool hasGradients)
    {
        for (int i = 0; i < slots.Count; i++)
        {
            int slot = slots[i];
            from.Logits.AsSpan(i * _classes, _classes).CopyTo(Logits.AsSpan(slot * _classes));
            Classes[slot] = from.Classes[i];
            if (!hasGradients) continue;
            from.Gradients.AsSpan(i * _length, _length).CopyTo(Gradients.AsSpan(slot * _length));
            Losses[slot] = from.Losses[i];
        }
    }

    /// <summary>What a classifier is asked about, and its answers, image by image.</summary>
    private sealed class Questions(float[] pixels, int count, int classes)
    {
        public float[] Pixels => pixels;

        public long[] Indices { get; } = new long[count];

        public int[] Labels { get; } = new int[count];

        /// <summary>As large as the images, so not there until somebody asks.</summary>
        public float[] Gradients => field ??= new float[pixels.Length];

        public float[] Losses { get; } = new float[count];

        public float[] Logits { get; } = new float[Sizes.Elements(count, classes)];

        public int[] Classes { get; } = new int[count];
    }
}

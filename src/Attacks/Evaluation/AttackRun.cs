using QSim.Attacks.Methods;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// One attack on one batch. Images keep their slot throughout; those in <see cref="Active"/> are
/// still being attacked. Every image shown to the source is first constrained to the budget, and
/// remembered when it fools.
/// </summary>
public sealed partial class AttackRun
{
    private readonly AttackTarget _target;
    private readonly IAttack _attack;
    private readonly LabelledImages _images;
    private readonly BorrowedImages _borrowed;
    private readonly CancellationToken _cancellation;
    private readonly SlotBuffers _slots;
    private readonly SlotRecords _records;
    private readonly ulong _seed;
    private readonly ulong _key;
    private readonly List<int> _active = [];
    private readonly List<int> _zero = [];
    private readonly Predicate<int> _isFooled;
    private IAttack _running;
    private readonly BestImages? _best;
    private PixelBounds? _bounds;
    private int[] _attempted = [];
    private (int[] Slots, int[] Decisions)? _climbed;
    private int _keyAttempt = -1;
    private int _steps;
    private int _asked;
    private bool _isProbe;

    internal AttackRun(
        IAttack attack, AttackTarget target, LabelledImages images, Budget budget, ulong seed,
        BorrowedImages borrowed, CancellationToken cancellation)
    {
        (_attack, _running, _target, _images) = (attack, attack, target, images);
        (_borrowed, _cancellation) = (borrowed, cancellation);
        Budget = budget;
        Knowledge = target.Shows;
        _slots = new(images, target.Source.Classes, budget.PixelLevels is not null);
        _records = new(images.Count);
        (_seed, _key) = (seed, seed ^ StableHash(attack.Name));
        _best = attack.StartsAtBest ? new(images) : null;
        _isFooled = slot => _records.Fooled[slot];
    }

    /// <summary>What may be done to an image.</summary>
    public Budget Budget { get; }

    /// <summary>What the source shows.</summary>
    public Knowledge Knowledge { get; }

    /// <summary>Shape of an image.</summary>
    public TensorShape Shape => _images.Shape;

    /// <summary>Values per image.</summary>
    public int ImageLength => _images.Shape.Length;

    /// <summary>Number of classes.</summary>
    public int Classes => _target.Source.Classes;

    /// <summary>Number of slots.</summary>
    public int Count => _images.Count;

    /// <summary>Which of the attack's attempts is being made, from 0.</summary>
    public int Attempt { get; private set; }

    /// <summary>
    /// How often all attempts were made before; with the attempt it keys randomness.
    /// </summary>
    public int Restart { get; private set; }

    /// <summary>Slots still under attack, ascending. Changes when the source is asked.</summary>
    public IReadOnlyList<int> Active => _active;

    /// <summary>The unchanged image.</summary>
    public ReadOnlySpan<float> Original(int slot) => _images.Image(slot);

    /// <summary>The image as the attack has it now; the original at the start.</summary>
    public Span<float> Current(int slot) => _slots.Current.AsSpan(slot * ImageLength, ImageLength);

    /// <summary>The true class.</summary>
    public int Label(int slot) => _images.Labels[slot];

    /// <summary>d loss / d image where the source was last asked.</summary>
    public ReadOnlySpan<float> Gradient(int slot) =>
        _slots.Gradients.AsSpan(slot * ImageLength, ImageLength);

    /// <summary>The loss where the source was last asked for gradients.</summary>
    public float Loss(int slot) => _slots.Losses[slot];

    /// <summary>
    /// The logits where the source was last asked; not shown under <see cref="Knowledge.Labels"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The source shows only labels.</exception>
    public ReadOnlySpan<float> Logits(int slot) => Knowledge == Knowledge.Labels
        ? throw new InvalidOperationException($"{_attack.Name} may not see logits")
        : _slots.Logits.AsSpan(slot * Classes, Classes);

    /// <summary>How much the best wrong logit was above the true one.</summary>
    /// <exception cref="InvalidOperationException">The source shows only labels.</exception>
    public double Margin(int slot) => Margin(Logits(slot), Label(slot));

    /// <summary>The class that the source last decided on.</summary>
    public int Decision(int slot) => _slots.Classes[slot];

    /// <summary>Random numbers of this attack for one image, attempt and restart.</summary>
    public KeyedRandom Random(int slot, RandomPurpose purpose) =>
        new(
            _key, purpose, _images.FirstIndex + slot,
            (Restart << 16) | (_keyAttempt < 0 ? Attempt : _keyAttempt));

    /// <summary>Moves the current image into the budget.</summary>
    public void Constrain(int slot)
    {
        if (_bounds is null) Budget.Constrain(Original(slot), Current(slot));
        else _bounds.Constrain(slot * ImageLength, Current(slot));
    }

    /// <summary>Counts a gradient that the attack took by itself.</summary>
    public void ChargeGradient(int slot) => _records.Gradients[slot]++;

    /// <summary>Counts questions that the attack answered by itself.</summary>
    public void ChargeQueries(int slot, int count) => _records.Queries[slot] += count;

    /// <summary>Index in the dataset of the image in slot 0.</summary>
    public long FirstIndex => _images.FirstIndex;

    /// <summary>Ends the work on an image.</summary>
    public void Release(int slot) => _active.Remove(slot);

    /// <summary>
    /// Lets another attack make one of its own attempts here; the sequence's attempt keys
    /// randomness.
    /// </summary>
    public void Delegate(IAttack attack, int attempt)
    {
        int own = Attempt;
        (_keyAttempt, Attempt, _running, _steps) = (own, attempt, attack, attack.Steps);
        attack.Run(this);
        (_keyAttempt, Attempt, _running) = (-1, own, _attack);
    }

    /// <summary>Whether every image is worked on until the attack's end.</summary>
    internal static bool KeepsAll(IAttack attack, AttackTarget target) =>
        IsJudgedElsewhere(attack, target) && !attack.StopsAtSource;

    private static double Margin(ReadOnlySpan<float> logits, int label)
    {
        double wrong = double.NegativeInfinity;
        for (int j = 0; j < logits.Length; j++)
            if (j != label) wrong = Math.Max(wrong, logits[j]);
        return wrong - logits[label];
    }

    private bool JudgedElsewhere => IsJudgedElsewhere(_attack, _target);

    private static bool IsJudgedElsewhere(IAttack attack, AttackTarget target) =>
        target.Threat == ThreatModel.Transfer && !attack.IsMinimalNorm;

    private static ulong StableHash(string text) =>
        text.Aggregate(14695981039346656037ul, (hash, c) => (hash ^ c) * 1099511628211ul);

    /// <summary>
    /// Where images are judged elsewhere nobody looks before the end: when it was broken is not
    /// known.
    /// </summary>
    private void MarkFooled(int slot) =>
        _records.Break(
            slot, (Restart * _attack.Attempts(Classes)) + (_keyAttempt < 0 ? Attempt : _keyAttempt),
            _asked - 1, JudgedElsewhere ? 0 : _steps);

    private Span<float> Shown(int slot) => _slots.Shown.AsSpan(slot * ImageLength, ImageLength);
}

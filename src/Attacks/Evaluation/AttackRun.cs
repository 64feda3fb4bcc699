using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Methods;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// One attack on one batch. Images keep their slot throughout; those in <see cref="Active"/> are still being
/// attacked. Every image shown to the source is first constrained to the budget, and remembered when it fools.
/// </summary>
public sealed class AttackRun
{
    private readonly AttackTarget _target;
    private readonly IAttack _attack;
    private readonly LabelledImages _images;
    private readonly CancellationToken _cancellation;
    private readonly SlotBuffers _slots;
    private readonly ulong _key;
    private readonly List<int> _active = [];
    private IAttack _running;
    private int[] _attempted = [];
    private int _keyAttempt = -1;
    private bool _isProbe;

    internal AttackRun(
        IAttack attack, AttackTarget target, LabelledImages images, Budget budget, ulong seed,
        CancellationToken cancellation)
    {
        (_attack, _running, _target, _images) = (attack, attack, target, images);
        _cancellation = cancellation;
        Budget = budget;
        Knowledge = target.Shows;
        _slots = new(images, target.Source.Classes);
        _key = seed ^ StableHash(attack.Name);
    }

    /// <summary>What may be done to an image.</summary>
    public Budget Budget { get; }

    /// <summary>What the source shows.</summary>
    public Knowledge Knowledge { get; }

    /// <summary>
    /// The loss to climb where an attack leaves it open: cross-entropy, rescaled on hardware lest its gradient
    /// vanish.
    /// </summary>
    public ILoss DefaultLoss => _target.Threat == ThreatModel.Hardware
        ? RescaledCrossEntropyLoss.Instance
        : CrossEntropyLoss.Instance;

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

    /// <summary>How often all attempts were made before; with the attempt it keys randomness.</summary>
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
    public ReadOnlySpan<float> Gradient(int slot) => _slots.Gradients.AsSpan(slot * ImageLength, ImageLength);

    /// <summary>The loss where the source was last asked for gradients.</summary>
    public float Loss(int slot) => _slots.Losses[slot];

    /// <summary>The logits where the source was last asked; not shown under <see cref="Knowledge.Labels"/>.</summary>
    /// <exception cref="InvalidOperationException">The source shows only labels.</exception>
    public ReadOnlySpan<float> Logits(int slot) => Knowledge == Knowledge.Labels
        ? throw new InvalidOperationException($"{_attack.Name} may not see logits")
        : _slots.Logits.AsSpan(slot * Classes, Classes);

    /// <summary>How much the best wrong logit was above the true one.</summary>
    /// <exception cref="InvalidOperationException">The source shows only labels.</exception>
    public double Margin(int slot)
    {
        ReadOnlySpan<float> logits = Logits(slot);
        double wrong = double.NegativeInfinity;
        for (int j = 0; j < logits.Length; j++)
            if (j != Label(slot)) wrong = Math.Max(wrong, logits[j]);
        return wrong - logits[Label(slot)];
    }

    /// <summary>The class that the source last decided on.</summary>
    public int Decision(int slot) => _slots.Classes[slot];

    /// <summary>Random numbers of this attack for one image, attempt and restart.</summary>
    public KeyedRandom Random(int slot, RandomPurpose purpose) =>
        new(_key, purpose, _images.FirstIndex + slot, (Restart << 16) | (_keyAttempt < 0 ? Attempt : _keyAttempt));

    /// <summary>Moves the current image into the budget.</summary>
    public void Constrain(int slot) => Budget.Constrain(Original(slot), Current(slot));

    /// <summary>Gradients, losses, logits and decisions at the current images that are active.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="labels">By slot, what the loss is about; null means the true classes.</param>
    public void Gradients(ILoss loss, int[]? labels = null)
    {
        if (_target.Source is not IDifferentiableClassifier source || Knowledge != Knowledge.Gradients)
            throw new InvalidOperationException($"{_attack.Name} may not see gradients");
        Ask(_active, slots => _slots.Differentiate(source, slots, labels ?? _images.Labels, loss));
        foreach (int slot in _active)
        {
            _slots.GradientCounts[slot]++;
            if (!Gradient(slot).ContainsAnyExcept(0)) _slots.ZeroGradients[slot]++;
        }

        Record([.. _active]);
    }

    /// <summary>Logits and decisions at the current images.</summary>
    /// <param name="slots">Some of the active slots; null means all.</param>
    public void Query(IReadOnlyList<int>? slots = null)
    {
        Ask(slots ?? _active, Classify);
        Record(slots ?? [.. _active]);
    }

    /// <summary>
    /// Logits and decisions at current images that the attack does not propose: they may leave the budget (not
    /// [0, 1]) and are not remembered when they fool.
    /// </summary>
    /// <param name="slots">Some of the active slots; null means all.</param>
    public void Probe(IReadOnlyList<int>? slots = null)
    {
        _isProbe = true;
        Ask(slots ?? _active, Classify);
        _isProbe = false;
    }

    /// <summary>Counts a gradient that the attack took by itself.</summary>
    public void ChargeGradient(int slot) => _slots.GradientCounts[slot]++;

    /// <summary>Ends the work on an image.</summary>
    public void Release(int slot) => _active.Remove(slot);

    /// <summary>Lets another attack make one of its own attempts here; the sequence's attempt keys randomness.</summary>
    public void Delegate(IAttack attack, int attempt)
    {
        int own = Attempt;
        (_keyAttempt, Attempt, _running) = (own, attempt, attack);
        attack.Run(this);
        (_keyAttempt, Attempt, _running) = (-1, own, _attack);
    }

    /// <summary>Lets the attack have its attempts at the wanted slots.</summary>
    internal void Carry(bool[] wanted, int restarts)
    {
        for (Restart = 0; Restart < restarts; Restart++)
            for (Attempt = 0; Attempt < _attack.Attempts(Classes); Attempt++)
            {
                Begin(wanted);
                if (_active.Count == 0) continue;
                _attempted = [.. _active];
                foreach (int slot in _attempted) _slots.WasAttacked[slot] = true;
                _attack.Run(this);
                End();
            }
    }

    /// <summary>Copies out the images that the attack leaves, and what became of each.</summary>
    /// <exception cref="InvalidOperationException">An image is outside the budget: a defect.</exception>
    internal void HandIn(Span<float> pixels, Span<ImageOutcome> outcomes)
    {
        _slots.Kept.CopyTo(pixels);
        for (int slot = 0; slot < Count; slot++)
        {
            ReadOnlySpan<float> kept = _slots.Kept.AsSpan(slot * ImageLength, ImageLength);
            if (!Budget.Contains(Original(slot), kept))
                throw new InvalidOperationException($"{_attack.Name} left the budget {Budget}");
            outcomes[slot] = new(
                _slots.WasAttacked[slot], _slots.Fooled[slot], Budget.Distance(Original(slot), kept),
                _slots.QueryCounts[slot], _slots.GradientCounts[slot], _slots.ZeroGradients[slot],
                _slots.BrokenAt[slot]);
        }
    }

    private void Begin(bool[] wanted)
    {
        bool keepsGoing = _attack.IsMinimalNorm || (JudgedElsewhere && !_attack.StopsAtSource);
        _active.Clear();
        for (int slot = 0; slot < Count; slot++)
        {
            if (!wanted[slot] || (_slots.Fooled[slot] && !keepsGoing)) continue;
            _active.Add(slot);
            Original(slot).CopyTo(Current(slot));
        }
    }

    /// <summary>
    /// Ends an attempt. Where images are judged elsewhere, each attempt's last image is handed in, the one
    /// among attempts that the source gets most wrong; elsewhere, where nothing fooled, the last. An attack for
    /// the smallest change has handed in whatever it showed.
    /// </summary>
    private void End()
    {
        if (_attack.IsMinimalNorm) return;
        _active.Clear();
        _active.AddRange(_attempted.Where(slot => !_slots.Fooled[slot] || JudgedElsewhere));
        Query();
        foreach (int slot in _active)
        {
            double margin = JudgedElsewhere ? Margin(slot) : 0;
            if (JudgedElsewhere ? margin > _slots.Margins[slot] : !_slots.Fooled[slot]) _slots.Keep(slot);
            _slots.Margins[slot] = Math.Max(_slots.Margins[slot], margin);
            if (_slots.Classes[slot] != Label(slot)) MarkFooled(slot);
        }
    }

    private bool JudgedElsewhere => _target.Threat == ThreatModel.Transfer && !_attack.IsMinimalNorm;

    private static ulong StableHash(string text) =>
        text.Aggregate(14695981039346656037ul, (hash, c) => (hash ^ c) * 1099511628211ul);

    private void Classify(IReadOnlyList<int> slots) => _slots.Classify(_target.Source, slots);

    private void Ask(IReadOnlyList<int> slots, Action<IReadOnlyList<int>> question)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (slots.Count == 0) return;
        foreach (int slot in slots)
        {
            if (_isProbe || _running.IsMinimalNorm) Clip(slot);
            else Constrain(slot);
            Current(slot).CopyTo(Shown(slot));
            Budget.Snap(Original(slot), Shown(slot));
        }

        question(slots);
        foreach (int slot in slots) _slots.QueryCounts[slot]++;
    }

    private void MarkFooled(int slot)
    {
        if (!_slots.Fooled[slot])
            _slots.BrokenAt[slot] = (Restart * _attack.Attempts(Classes)) + (_keyAttempt < 0 ? Attempt : _keyAttempt);
        _slots.Fooled[slot] = true;
    }

    private Span<float> Shown(int slot) => _slots.Shown.AsSpan(slot * ImageLength, ImageLength);

    private void Clip(int slot)
    {
        ReadOnlySpan<float> original = Original(slot);
        Span<float> current = Current(slot);
        for (int i = 0; i < current.Length; i++)
            current[i] = float.IsNaN(current[i]) ? original[i] : Math.Clamp(current[i], 0, 1);
    }

    /// <summary>Keeps what fools the source, and lets go of images that need no more work.</summary>
    private void Record(IReadOnlyList<int> slots)
    {
        if (JudgedElsewhere) return;
        foreach (int slot in slots)
        {
            if (_slots.Classes[slot] == Label(slot) || !Budget.Contains(Original(slot), Shown(slot))) continue;
            double distance = Budget.Distance(Original(slot), Shown(slot));
            if (_slots.Fooled[slot] && (!_attack.IsMinimalNorm || distance >= _slots.Distances[slot])) continue;
            MarkFooled(slot);
            _slots.Distances[slot] = distance;
            _slots.Keep(slot);
        }

        if (!_attack.IsMinimalNorm) _active.RemoveAll(slot => _slots.Fooled[slot]);
    }
}

using QSim.Attacks.Methods;
using QSim.Kernels.Datapath;
using QSim.Simulator;

namespace QSim.Attacks.Evaluation;

/// <summary>Runs attacks and judges what they make.</summary>
/// <remarks>
/// Results are a function of (seed, attack, image and its dataset index, restart): batch size,
/// thread count and sharding do not enter.
/// </remarks>
public static class Evaluation
{
    /// <summary>One attack under one budget.</summary>
    /// <exception cref="ArgumentException">
    /// The attack needs to see more than the target shows, or does not know the norm.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RobustnessResult Run(
        IAttack attack,
        AttackTarget target,
        LabelledImages images,
        Budget budget,
        AttackOptions? options = null,
        CancellationToken cancellation = default) =>
        RunGrid(attack, target, images, [budget], options, cancellation).Single();

    /// <summary>
    /// One attack under several budgets; each result is there as soon as it is done.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The attack needs to see more than the target shows, or does not know the norm.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// It was cancelled; results handed out stay good.
    /// </exception>
    public static IEnumerable<RobustnessResult> RunGrid(
        IAttack attack,
        AttackTarget target,
        LabelledImages images,
        IEnumerable<Budget> budgets,
        AttackOptions? options = null,
        CancellationToken cancellation = default)
    {
        if (attack.Needs > target.Shows)
            throw new ArgumentException(
                $"{attack.Name} needs {attack.Needs}, but threat model {target.Threat} shows "
                    + $"{target.Shows}"
            );
        budgets = [.. budgets];
        if (
            budgets.Select(b => attack.WhyNot(b.Norm)).FirstOrDefault(why => why is not null) is
            { } reason
        )
            throw new ArgumentException($"{attack.Name}: {reason}");
        if (images.Shape != target.Source.Input)
            throw new ArgumentException(
                $"{target.Source.Name} takes {target.Source.Input}, not {images.Shape}");
        return Grid(attack, target, images, budgets, options ?? new(), cancellation);
    }

    /// <summary>A classifier's decisions.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="images">The images, whose indices key stochastic rounding.</param>
    /// <param name="pixels">Pixels to classify in place of the images' own, laid out alike.</param>
    /// <param name="batchSize">Images classified together.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static int[] Classify(
        IClassifier classifier,
        LabelledImages images,
        float[]? pixels = null,
        int batchSize = 256,
        CancellationToken cancellation = default)
    {
        using var shared = new SimulationImages(pixels ?? images.Pixels, images.Shape.Length);
        return Classify(classifier, images, shared, batchSize, cancellation);
    }

    /// <summary>
    /// The same for pixels that several classifiers are asked about, one after another.
    /// </summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="images">The images, whose indices key stochastic rounding.</param>
    /// <param name="shared">Pixels to classify, laid out as the images' own.</param>
    /// <param name="batchSize">Images classified together.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static int[] Classify(
        IClassifier classifier,
        LabelledImages images,
        SimulationImages shared,
        int batchSize = 256,
        CancellationToken cancellation = default)
    {
        int[] classes = new int[images.Count];
        float[] logits = new float[Sizes.Elements(
            Math.Min(batchSize, images.Count), classifier.Classes)];
        for (int first = 0; first < images.Count; first += batchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(batchSize, images.Count - first);
            long[] indices = [.. Enumerable.Range(first, count).Select(i => images.FirstIndex + i)];
            Span<float> mine = logits.AsSpan(0, count * classifier.Classes);
            if (classifier is ISharingClassifier sharing)
                sharing.Classify(shared, first, indices, mine, classes.AsSpan(first, count));
            else
                classifier.Classify(
                    shared.Slice(first, count), indices, mine, classes.AsSpan(first, count));
        }

        return classes;
    }

    private static IEnumerable<RobustnessResult> Grid(
        IAttack attack,
        AttackTarget target,
        LabelledImages images,
        IEnumerable<Budget> budgets,
        AttackOptions options,
        CancellationToken cancellation)
    {
        int wanted = (target.Source as IClimber)?.ImagesAtOnce ?? 0;
        options = options with
        {
            BatchSize = Math.Max(options.BatchSize, wanted),
            Borrowed = options.Borrowed ?? new(),
        };
        int[][] clean = (options.Clean ?? new(images)).Of(
            target.Judges, images, options.BatchSize, cancellation);
        bool[] attackable = [.. images.Labels.Select((label, i) => clean.Any(c => c[i] == label))];
        int restarts = attack.IsDeterministic ? 1 : options.Restarts;
        var smallest = new Dictionary<Budget, MadeImages>();
        foreach (Budget budget in budgets)
        {
            // The smallest change does not depend on how much is allowed: it is looked for once.
            Budget worked = attack.IsMinimalNorm
                ? budget with
                {
                    Epsilon = Epsilon.Unbounded,
                }
                : budget;
            if (!smallest.TryGetValue(worked, out MadeImages? made))
                made = Make(
                    attack,
                    target,
                    images,
                    attackable,
                    worked,
                    options with
                    {
                        Restarts = restarts,
                    },
                    cancellation
                );
            if (attack.IsMinimalNorm)
                smallest[worked] = made;
            made = made.Within(budget, images);
            using var adversarial = new SimulationImages(made.Pixels, images.Shape.Length);
            JudgeResult[] judges = [.. target.Judges.Select((judge, j) => new JudgeResult(
                judge.Name, images.Labels, clean[j],
                Classify(judge, images, adversarial, options.BatchSize, cancellation)))];
            yield return new()
            {
                Attack = attack.Name,
                Needs = attack.Needs,
                IsSingleStep = attack.IsSingleStep,
                Attempts = attack.Attempts(target.Source.Classes) * restarts,
                AttemptsDiffer = attack.AttemptsDiffer,
                LeastClasses = attack.LeastClasses,
                Classes = target.Source.Classes,
                IsMinimalNorm = attack.IsMinimalNorm,
                Threat = target.Threat,
                Source = target.Source.Name,
                Budget = budget,
                Adversarial = made.Pixels,
                Images = made.Outcomes,
                Judges = judges,
            };
        }
    }

    private static MadeImages Make(
        IAttack attack,
        AttackTarget target,
        LabelledImages images,
        bool[] attackable,
        Budget budget,
        AttackOptions options,
        CancellationToken cancellation)
    {
        float[] pixels = GC.AllocateUninitializedArray<float>(images.Pixels.Length);
        var outcomes = new ImageOutcome[images.Count];
        var shares = new BatchShares(attack, target) { First = options.First };
        int done = 0;
        var parts = shares.Parts(0, images.Count, options.BatchSize);
        int together = attack.RunsAlone ? 1 : (target.Source as IClimber)?.BatchesAtOnce ?? 1;
        BatchShares.SideBySide(parts.Count, together, part =>
        {
            (int first, int size) = parts[part];
            shares.Run(first, first + size, (view, from, count) =>
            {
                LabelledImages mine = images.Slice(from, count);
                var run = new AttackRun(
                    attack, view, mine, budget, options.Seed, options.Borrowed!, cancellation);
                int length = images.Shape.Length;
                run.Carry(
                    attackable[from..(from + count)], options.Restarts,
                    pixels.AsMemory(from * length, count * length));
                run.HandIn(outcomes.AsMemory(from));
            });
            lock (outcomes)
            {
                done += size;
                options.Progress?.Invoke(new(attack.Name, budget, done, images.Count));
            }
        });

        return new(pixels, outcomes);
    }
}

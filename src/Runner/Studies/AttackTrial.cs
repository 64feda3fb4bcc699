using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;

namespace QSim.Runner.Studies;

/// <summary>
/// How long attacks take, by trying them on some images: few where they take their time, else more,
/// since what is not compiled yet and what a call costs by itself are no measure.
/// </summary>
/// <param name="inputs">The study.</param>
/// <param name="network">The float network behind all targets.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class AttackTrial(
    StudyInputs inputs, FloatClassifier network, CancellationToken cancellation)
{
    private const int FirstImages = 32;
    private const int WarmingImages = 4;
    private const double LeastSeconds = 0.2;
    private const double LeastWarming = 0.7;

    private readonly Dictionary<Epsilon, BorrowedImages> _borrowed = [];
    private readonly HashSet<(IAttack Attack, bool IsFloat)> _warm = [];

    /// <summary>
    /// Seconds of one attack at every budget: tried at some, and between them as if it changed from
    /// one budget to the next by the same. Where it leaves no more than chance, the study leaves
    /// those behind it out.
    /// </summary>
    /// <param name="attack">The attack.</param>
    /// <param name="target">What it attacks.</param>
    /// <param name="epsilons">The budgets, from the least on.</param>
    public IReadOnlyDictionary<Epsilon, double> Seconds(
        IAttack attack, IDifferentiableClassifier target, Epsilon[] epsilons)
    {
        int last = epsilons.Length - 1;
        double[] took = new double[epsilons.Length];
        int before = 0;
        foreach (int at in new[] { 0, last / 4, last / 2, last }.Distinct())
        {
            (double seconds, bool isAtChance) = Try(attack, target, epsilons[at]);
            took[at] = seconds;
            for (int i = before + 1; i < at; i++)
                took[i] = took[before] + ((seconds - took[before]) * (i - before) / (at - before));
            before = at;
            if (inputs.Settings.StopAtChance && isAtChance) break;
        }

        return epsilons.Zip(took).ToDictionary(e => e.First, e => e.Second);
    }

    /// <summary>
    /// Seconds of one attack on all test images, as if each were classified right, and whether it
    /// leaves no more than chance.
    /// </summary>
    private (double Seconds, bool IsAtChance) Try(
        IAttack attack, IDifferentiableClassifier target, Epsilon epsilon)
    {
        int all = Math.Min(inputs.Settings.Images, inputs.Data.Test.Count);
        int count = Math.Min(FirstImages, all);
        var images = inputs.Data.Test.Slice(0, all);
        var labelled = new LabelledImages(images.Shape, images.Pixels, images.Labels);
        labelled = labelled with { Labels = Evaluation.Classify(target, labelled) };
        using BoundAttack bound = StudyTargets.Bind(attack, inputs.Network, target);
        bool isWarm = !_warm.Add((attack, ReferenceEquals(target, network)));
        if (!isWarm) Run(Math.Min(WarmingImages, count));
        var begun = Stopwatch.StartNew();
        while (true)
        {
            var clock = Stopwatch.StartNew();
            JudgeResult judge = Run(count).Judges[0];
            double seconds = clock.Elapsed.TotalSeconds;
            bool isEnough = seconds >= LeastSeconds || count == all;
            int right = Enumerable.Range(0, count).Count(judge.IsRobust);
            if (isEnough && (isWarm || begun.Elapsed.TotalSeconds >= LeastWarming))
                return (seconds * all / count, right * inputs.Data.Classes <= count);
            if (!isEnough)
                count = Math.Min(all, Math.Max(2 * count, (int)(count * LeastSeconds / seconds)));
        }

        RobustnessResult Run(int first) => Evaluation.Run(
            bound.Attack,
            StudyTargets.Of(
                inputs.Settings.Threats.First(t => StudyTargets.Shows(t) >= attack.Needs), target,
                inputs.Settings.EotDraws, network),
            labelled.Slice(0, first), inputs.Settings.Budget(epsilon),
            new() { Borrowed = Borrowed(epsilon) }, cancellation);
    }

    /// <summary>As in the study, what is made on the float network is made once.</summary>
    private BorrowedImages Borrowed(Epsilon epsilon)
    {
        if (!_borrowed.TryGetValue(epsilon, out BorrowedImages? images))
            _borrowed[epsilon] = images = new();
        return images;
    }
}

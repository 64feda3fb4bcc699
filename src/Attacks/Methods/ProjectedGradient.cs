using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods;

/// <summary>
/// Steps up the loss, each followed by a projection onto the budget. FGSM, R-FGSM, BIM, MI-FGSM and
/// PGD are this loop with other numbers.
/// </summary>
/// <param name="name">The attack's name.</param>
/// <param name="steps">Gradients taken.</param>
/// <param name="relativeStep">Length of a step over epsilon.</param>
/// <param name="start">Where it starts.</param>
/// <param name="decay">
/// Share of the gathered gradient that a step keeps; 0 for none. Gradients are gathered over their
/// L1 norm.
/// </param>
/// <param name="loss">What it climbs; null for cross-entropy.</param>
internal sealed class ProjectedGradient(
    string name, int steps, double relativeStep, StartPoint start, float decay = 0,
    ILoss? loss = null) : IAttack
{
    private readonly ILoss _loss = loss ?? CrossEntropyLoss.Instance;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <summary>
    /// The fast gradient sign method: one step of epsilon (Goodfellow, Shlens and Szegedy, ICLR
    /// 2015).
    /// </summary>
    public static ProjectedGradient Fgsm() => new("fgsm", 1, 1, StartPoint.Image);

    /// <summary>
    /// FGSM after a random step of half epsilon towards a corner (Tramer et al., ICLR 2018).
    /// </summary>
    public static ProjectedGradient RFgsm() => new("r-fgsm", 1, 0.5, StartPoint.HalfwayToCorner);

    /// <summary>
    /// The momentum iterative method (Dong et al., CVPR 2018): 10 steps of a tenth of epsilon,
    /// nothing forgotten.
    /// </summary>
    public static ProjectedGradient MiFgsm(int steps = 10, float decay = 1) =>
        new("mi-fgsm", steps, 1.0 / steps, StartPoint.Image, decay);

    /// <summary>
    /// The basic iterative method (Kurakin, Goodfellow and Bengio 2017), with Foolbox's defaults:
    /// 10 steps of a fifth of epsilon.
    /// </summary>
    public static ProjectedGradient Bim(int steps = 10, double relativeStep = 0.2) =>
        new("bim", steps, relativeStep, StartPoint.Image);

    /// <summary>
    /// Projected gradient descent (Madry et al., ICLR 2018): 40 steps from a random start, each 2.5
    /// epsilon over the number of steps, as they chose to let every point of the budget be reached
    /// from any other. (Their 1/30 on MNIST, Foolbox's default, does not: random starts then lose
    /// against FGSM.)
    /// </summary>
    public static ProjectedGradient Pgd(int steps = 40, double? relativeStep = null) =>
        new($"pgd-{steps}", steps, relativeStep ?? 2.5 / steps, StartPoint.Uniform);

    /// <inheritdoc/>
    public bool IsSingleStep => steps == 1;

    /// <inheritdoc/>
    public int Steps => steps == 1 ? 0 : steps;

    /// <inheritdoc/>
    public bool IsDeterministic => start == StartPoint.Image;

    /// <inheritdoc/>
    public int LeastClasses => _loss is DlrLoss ? DlrLoss.LeastClasses : 2;

    /// <inheritdoc/>
    public string? WhyNot(Norm norm) =>
        start == StartPoint.HalfwayToCorner && norm != Norm.Linf
            ? "its start has corners, which only linf has"
            : null;

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        double step = relativeStep * run.Budget.Epsilon.Value;
        IReadOnlyList<int> slots = run.Active;
        Batches.ForEach(slots.Count, i => RandomStart.Move(run, slots[i], start));
        if (decay == 0 && run.TryClimb(_loss, steps, step)) return;
        float[] gathered = decay == 0 ? [] : new float[Sizes.Elements(run.Count, run.ImageLength)];
        for (int i = 0; i < steps && run.Active.Count > 0; i++)
        {
            run.Gradients(_loss);
            foreach (int slot in run.Active)
            {
                ReadOnlySpan<float> direction =
                    decay == 0
                        ? run.Gradient(slot)
                        : Gather(
                            gathered.AsSpan(slot * run.ImageLength, run.ImageLength),
                            run.Gradient(slot));

                // Whoever looks at the image next finds it constrained: the run sees to that.
                Ascent.Step(run.Budget.Norm, direction, step, run.Current(slot));
            }
        }
    }

    /// <summary><c>m = decay * m + g / |g|_1</c>.</summary>
    private Span<float> Gather(Span<float> momentum, ReadOnlySpan<float> gradient)
    {
        double sum = 0;
        foreach (float g in gradient) sum += Math.Abs(g);
        for (int i = 0; i < momentum.Length; i++)
            momentum[i] = (decay * momentum[i]) + (sum > 0 ? (float)(gradient[i] / sum) : 0);
        return momentum;
    }
}

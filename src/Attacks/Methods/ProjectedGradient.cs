using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;

namespace QSim.Attacks.Methods;

/// <summary>
/// Steps up the loss, each followed by a projection onto the budget. FGSM, BIM and PGD are this loop with
/// other numbers.
/// </summary>
/// <param name="name">The attack's name.</param>
/// <param name="steps">Gradients taken.</param>
/// <param name="relativeStep">Length of a step over epsilon.</param>
/// <param name="randomStart">Whether it starts at a random point of the budget.</param>
/// <param name="loss">What it climbs; null leaves the choice to the run.</param>
public sealed class ProjectedGradient(
    string name, int steps, double relativeStep, bool randomStart, ILoss? loss = null) : IAttack
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <summary>
    /// The fast gradient sign method: one step of epsilon (Goodfellow, Shlens and Szegedy, ICLR 2015).
    /// </summary>
    public static ProjectedGradient Fgsm() => new("fgsm", 1, 1, randomStart: false);

    /// <summary>
    /// The basic iterative method (Kurakin, Goodfellow and Bengio 2017), with Foolbox's defaults: 10 steps of a
    /// fifth of epsilon.
    /// </summary>
    public static ProjectedGradient Bim(int steps = 10, double relativeStep = 0.2) =>
        new("bim", steps, relativeStep, randomStart: false);

    /// <summary>
    /// Projected gradient descent (Madry et al., ICLR 2018): 40 steps from a random start, each 2.5 epsilon over
    /// the number of steps, as they chose to let every point of the budget be reached from any other. (Their
    /// 1/30 on MNIST, Foolbox's default, does not: random starts then lose against FGSM.)
    /// </summary>
    public static ProjectedGradient Pgd(int steps = 40, double? relativeStep = null) =>
        new($"pgd-{steps}", steps, relativeStep ?? 2.5 / steps, randomStart: true);

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        double step = relativeStep * run.Budget.Epsilon.Value;
        if (randomStart)
            foreach (int slot in run.Active) RandomStart.Uniform(run, slot);
        for (int i = 0; i < steps && run.Active.Count > 0; i++)
        {
            run.Gradients(loss ?? run.DefaultLoss);
            foreach (int slot in run.Active)
            {
                Ascent.Step(run.Budget.Norm, run.Gradient(slot), step, run.Current(slot));
                run.Constrain(slot);
            }
        }
    }
}

using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods;

/// <summary>
/// Steps to the nearest decision boundary of the linearised network until the decision changes
/// (Moosavi-Dezfooli, Fawzi and Frossard, CVPR 2016); L2 and Linf. Looks for the smallest change.
/// </summary>
/// <param name="steps">Most steps.</param>
/// <param name="overshoot">Share by which the change goes past the boundary.</param>
/// <param name="candidates">Likeliest classes considered, the true one among them.</param>
/// <param name="name">Its name in results.</param>
internal sealed class DeepFool(
    int steps = 50, float overshoot = 0.02f, int candidates = 10, string name = "deepfool")
    : IAttack
{
    /// <summary>Added to a distance, so that flat places are left.</summary>
    private const double Nudge = 1e-4;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <inheritdoc/>
    public bool IsMinimalNorm => true;

    /// <inheritdoc/>
    public bool IsDeterministic => true;

    /// <inheritdoc/>
    public string? WhyNot(Norm norm) => norm == Norm.L1 ? "only l2 and linf" : null;

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        var loss = new LogitDifferenceLoss(run.Classes);
        int rivals = Math.Min(candidates, run.Classes) - 1;
        run.Query();
        int[][] labels = [.. Enumerable.Range(0, rivals).Select(_ => new int[run.Count])];
        foreach (int slot in run.Active)
            for (int k = 0; k < rivals; k++)
                labels[k][slot] = loss.Label(run.Label(slot), Targets.Wrong(run, slot, k));
        var moves = new Move[run.Count];
        float[] total = new float[Sizes.Elements(run.Count, run.ImageLength)];
        for (int step = 0; step < steps && run.Active.Count > 0; step++)
        {
            Array.Clear(moves);
            for (int k = 0; k < rivals; k++)
            {
                run.Gradients(loss, labels[k]);
                foreach (int slot in run.Active) Consider(run, slot, ref moves[slot]);
            }

            foreach (int slot in run.Active)
                Step(run, slot, moves[slot], total.AsSpan(slot * run.ImageLength));
            run.Query();
            foreach (int slot in run.Active.ToArray())
                if (run.Decision(slot) != run.Label(slot)) run.Release(slot);
        }
    }

    private static void Consider(AttackRun run, int slot, ref Move move)
    {
        double norm = 0;
        foreach (float g in run.Gradient(slot))
            norm += run.Budget.Norm == Norm.L2 ? (double)g * g : Math.Abs(g);
        if (run.Budget.Norm == Norm.L2) norm = Math.Sqrt(norm);
        double distance = Math.Abs(run.Loss(slot)) / norm;
        if (!(norm > 0) || (move.Direction is not null && distance >= move.Distance)) return;
        move = new(distance, norm, run.Gradient(slot).ToArray());
    }

    private void Step(AttackRun run, int slot, Move move, Span<float> total)
    {
        if (move.Direction is null) return;
        ReadOnlySpan<float> original = run.Original(slot);
        Span<float> image = run.Current(slot);
        double length = move.Distance + Nudge;
        for (int i = 0; i < image.Length; i++)
        {
            total[i] += run.Budget.Norm == Norm.L2
                ? (float)(length / move.Norm * move.Direction[i])
                : (float)length * Ascent.Sign(move.Direction[i]);
            image[i] = original[i] + ((1 + overshoot) * total[i]);
        }
    }

    private readonly record struct Move(double Distance, double Norm, float[]? Direction);
}

using QSim.Attacks.Evaluation;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods;

/// <summary>
/// Adam on a gradient estimated from pairs of queries at random signs (Uesato, O'Donoghue, Kohli
/// and van den Oord, ICML 2018). Sees logits only, so that a masked gradient does not stop it.
/// </summary>
/// <param name="steps">Adam steps.</param>
/// <param name="pairs">Pairs of queries per step.</param>
/// <param name="learningRate">Adam's step size.</param>
/// <param name="delta">How far from the image it asks.</param>
/// <param name="name">Its name in results.</param>
internal sealed class Spsa(
    int steps = 100, int pairs = 64, float learningRate = 0.01f, float delta = 0.01f,
    string name = "spsa") : IAttack
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Scores;

    /// <inheritdoc/>
    public int Steps => steps;

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        int length = run.ImageLength;
        float[] position = new float[Sizes.Elements(run.Count, length)];
        double[] first = new double[position.Length], second = new double[position.Length];
        double[] estimate = new double[position.Length];
        var random = new KeyedRandom[run.Count];
        foreach (int slot in run.Active) random[slot] = run.Random(slot, RandomPurpose.AttackStep);
        for (int step = 1; step <= steps && run.Active.Count > 0; step++)
        {
            run.Query();
            foreach (int slot in run.Active)
                run.Current(slot).CopyTo(position.AsSpan(slot * length));
            Array.Clear(estimate);
            for (int pair = 0; pair < pairs; pair++) Estimate(run, position, estimate, random);
            foreach (int slot in run.Active)
            {
                Span<float> image = run.Current(slot);
                for (int i = 0; i < length; i++)
                {
                    int at = (slot * length) + i;
                    double g = estimate[at] / pairs;
                    first[at] = (0.9 * first[at]) + (0.1 * g);
                    second[at] = (0.999 * second[at]) + (0.001 * g * g);
                    double root = Math.Sqrt(second[at] / (1 - Math.Pow(0.999, step))) + 1e-8;
                    image[i] =
                        position[at]
                        + (float)(learningRate * first[at] / (1 - Math.Pow(0.9, step)) / root);
                }

                run.Constrain(slot);
            }
        }
    }

    /// <summary>
    /// Adds <c>(m(x + d v) - m(x - d v)) / (2 d) * v</c>, m the margin of the best wrong class, v
    /// random signs.
    /// </summary>
    private void Estimate(AttackRun run, float[] position, double[] estimate, KeyedRandom[] random)
    {
        int length = run.ImageLength;
        sbyte[] signs = new sbyte[position.Length];
        foreach (int slot in run.Active)
            for (int i = 0; i < length; i++)
                signs[(slot * length) + i] = (sbyte)random[slot].NextSign();
        double[] above = new double[run.Count];
        foreach (int side in new[] { 1, -1 })
        {
            foreach (int slot in run.Active)
                for (int i = 0; i < length; i++)
                    run.Current(slot)[i] =
                        position[(slot * length) + i] + (side * delta * signs[(slot * length) + i]);
            run.Probe();
            foreach (int slot in run.Active)
            {
                if (side > 0)
                {
                    above[slot] = run.Margin(slot);
                    continue;
                }

                double slope = (above[slot] - run.Margin(slot)) / (2 * delta);
                for (int i = 0; i < length; i++)
                    estimate[(slot * length) + i] += slope * signs[(slot * length) + i];
            }
        }
    }
}

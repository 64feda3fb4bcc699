using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// Square under L-infinity as its paper has it (Andriushchenko et al., ECCV 2020, algorithms 1 and
/// 2), written down a second time: an image is taken when its margin is better and never else. It
/// draws the numbers that <see cref="SquareAttack"/> draws, so that on a float network both ask
/// about the same images.
/// </summary>
internal sealed class PaperSquare(int queries) : IAttack
{
    private const double FirstShare = 0.8;

    /// <summary>Of 10,000 queries; behind each the share of pixels is halved.</summary>
    private static readonly int[] Halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

    public string Name => "square";

    public Knowledge Needs => Knowledge.Scores;

    public int Steps => queries;

    public void Run(AttackRun run)
    {
        var random = new KeyedRandom[run.Count];
        double[] margins = new double[run.Count];
        float[][] best = new float[run.Count][];
        for (int query = 0; query < queries && run.Active.Count > 0; query++)
        {
            foreach (int slot in run.Active)
            {
                if (query == 0)
                {
                    random[slot] = run.Random(slot, RandomPurpose.AttackStep);
                    Stripes(run, slot, ref random[slot]);
                }
                else
                {
                    best[slot].CopyTo(run.Current(slot));
                    Window(run, slot, Side(query, run.Shape), ref random[slot]);
                }

                run.Constrain(slot);
            }

            run.Query();
            foreach (int slot in run.Active)
                if (query == 0 || run.Margin(slot) > margins[slot])
                    (margins[slot], best[slot]) = (run.Margin(slot), [.. run.Current(slot)]);
        }

        foreach (int slot in run.Active) best[slot].CopyTo(run.Current(slot));
    }

    private static void Stripes(AttackRun run, int slot, ref KeyedRandom random)
    {
        for (int channel = 0; channel < run.Shape.Channels; channel++)
            for (int column = 0; column < run.Shape.Columns; column++)
                Push(run, slot, channel, (0, column), (run.Shape.Rows, 1), random.NextSign());
    }

    private static void Window(AttackRun run, int slot, int side, ref KeyedRandom random)
    {
        int top = random.NextBelow(run.Shape.Rows - side + 1);
        int left = random.NextBelow(run.Shape.Columns - side + 1);
        for (int channel = 0; channel < run.Shape.Channels; channel++)
            Push(run, slot, channel, (top, left), (side, side), 2 * random.NextSign());
    }

    private static void Push(
        AttackRun run, int slot, int channel, (int Row, int Column) from,
        (int Rows, int Columns) size, float epsilons)
    {
        float change = epsilons * (float)run.Budget.Epsilon.Value;
        for (int row = 0; row < size.Rows; row++)
            for (int column = 0; column < size.Columns; column++)
                run.Current(slot)[
                    (((channel * run.Shape.Rows) + from.Row + row) * run.Shape.Columns)
                        + from.Column + column] += change;
    }

    private int Side(int query, TensorShape shape)
    {
        double share = FirstShare;
        foreach (int halving in Halvings)
            if ((int)((double)query / queries * 10_000) > halving) share /= 2;
        return Math.Max((int)Math.Round(Math.Sqrt(share * shape.Positions)), 1);
    }
}

using QSim.Attacks.Evaluation;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods;

/// <summary>
/// Random search with squares of constant change, accepted when the margin shrinks (Andriushchenko,
/// Croce, Flammarion and Hein, ECCV 2020), in its Linf and L2 forms and the L1 form that came
/// later (<see cref="SquareL1"/>). Sees logits only.
/// </summary>
/// <remarks>
/// On hardware it goes beyond the authors' code, which stands still where logits of integers do not
/// change, and looks at corners of the budget alone; where the design is known the float network's
/// margin guides it (<see cref="SquareBest"/>), and it asks nothing that hardware reads as the best
/// image. On the float network it is the paper's algorithm.
/// </remarks>
/// <param name="queries">Queries per image; AutoAttack uses 5,000.</param>
/// <param name="share">Share of pixels that the first squares cover.</param>
/// <param name="name">Its name in results.</param>
internal sealed class SquareAttack(int queries = 5000, double share = 0.8, string name = "square")
    : IAttack
{
    /// <summary><see cref="Guide"/> where nothing else is said.</summary>
    public const double DefaultGuide = 10;

    private static readonly int[] Halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

    /// <summary>Share of pixels in the first squares about an image that is good already.</summary>
    private const double NearShare = 0.1;

    /// <summary>On hardware one proposal of so many does not go to the budget's end.</summary>
    private const int BetweenOneIn = 8;

    /// <summary>Proposals drawn for a query; the last is asked about whatever it is.</summary>
    private const int MostDraws = 16;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Scores;

    /// <inheritdoc/>
    public int Steps => queries;

    /// <summary>
    /// Share of pixels in the squares of a query: halved at 10, 50, 200, 500, 1000, 2000, 4000,
    /// 6000 and 8000 of 10,000 queries, other numbers in proportion.
    /// </summary>
    public static double Share(double first, int query, int queries)
    {
        int at = (int)((double)query / queries * 10000);
        return first / (1 << Halvings.Count(h => at > h));
    }

    /// <summary>
    /// Whether it starts from the best image so far, with squares of <see cref="NearShare"/>, not
    /// from stripes.
    /// </summary>
    public bool StartsAtBest { get; init; }

    /// <summary>
    /// Queries after which it lets go of images that are settled
    /// (<see cref="AttackRun.ReleaseSettled"/>); 0 for never.
    /// </summary>
    public int Look { get; init; }

    /// <summary>
    /// How near to the boundary an image has to be by when, or it is let go
    /// (<see cref="AttackRun.ReleaseRemote"/>).
    /// </summary>
    public IReadOnlyList<Milestone> Milestones { get; init; } = [];

    /// <summary>
    /// Weight of the float network's margin beside that of hardware, where the design is known and
    /// the two margins are alike (<see cref="SquareBest"/>); 0 where something else in a sequence
    /// knows what the float network makes of its images.
    /// </summary>
    public double Guide { get; init; } = DefaultGuide;

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        var best = new SquareBest(run, Guide);
        var random = new KeyedRandom[run.Count];
        foreach (int slot in run.Active)
        {
            random[slot] = run.Random(slot, RandomPurpose.AttackStep);
            if (!StartsAtBest) Start(run, slot, ref random[slot]);
        }

        if (StartsAtBest) run.ToBest();
        double first = StartsAtBest ? NearShare : share;
        for (int query = 0; query < queries && run.Active.Count > 0; query++)
        {
            if (query > 0)
                foreach (int slot in run.Active)
                    ProposeNew(
                        run, slot, Share(first, query, queries), best.Image(slot),
                        ref random[slot]);
            run.Query();
            if (query < Look) run.Compare();
            best.Take();
            if (query == Look - 1) run.ReleaseSettled();
            foreach (Milestone due in Milestones)
                if (query == due.Query - 1) run.ReleaseRemote(due.Left);
        }

        best.Restore();
    }

    private static void Start(AttackRun run, int slot, ref KeyedRandom random)
    {
        if (run.Budget.Norm == Norm.Linf) Stripes(run, slot, ref random);
        else if (run.Budget.Norm == Norm.L2) SquareL2.Start(run, slot, ref random);
        else SquareL1.Start(run, slot, ref random);
    }

    /// <summary>
    /// A proposal that hardware whose design is known reads otherwise than the best image; others
    /// are drawn again.
    /// </summary>
    private static void ProposeNew(
        AttackRun run, int slot, double share, ReadOnlySpan<float> best, ref KeyedRandom random)
    {
        int tries = 0;
        do
        {
            Propose(run, slot, share, best, ref random);
            if (run.HasPlateaus && random.NextBelow(BetweenOneIn) == 0)
                PullBack(run, slot, best, ref random);
        }
        while (run.IsReadAs(slot, best) && ++tries < MostDraws);
    }

    /// <summary>
    /// Moves what a proposal changes to somewhere between the original and where it went: what
    /// hardware gets wrong may lie inside the budget, with all of its corners right.
    /// </summary>
    private static void PullBack(
        AttackRun run, int slot, ReadOnlySpan<float> best, ref KeyedRandom random)
    {
        float part = random.NextFloat();
        Span<float> image = run.Current(slot);
        ReadOnlySpan<float> original = run.Original(slot);
        for (int i = 0; i < image.Length; i++)
            if (image[i] != best[i]) image[i] = original[i] + (part * (image[i] - original[i]));
        run.Constrain(slot);
    }

    private static void Propose(
        AttackRun run, int slot, double share, ReadOnlySpan<float> best, ref KeyedRandom random)
    {
        if (run.Budget.Norm == Norm.Linf) Square(run, slot, share, best, ref random);
        else if (run.Budget.Norm == Norm.L2) SquareL2.Propose(run, slot, share, best, ref random);
        else SquareL1.Propose(run, slot, share, best, ref random);
    }

    /// <summary>The start: each column of each channel at one end of the budget.</summary>
    private static void Stripes(AttackRun run, int slot, ref KeyedRandom random)
    {
        TensorShape shape = run.Shape;
        float epsilon = (float)run.Budget.Epsilon.Value;
        Span<float> image = run.Current(slot);
        for (int c = 0; c < shape.Channels; c++)
            for (int column = 0; column < shape.Columns; column++)
            {
                float change = epsilon * random.NextSign();
                for (int row = 0; row < shape.Rows; row++)
                    image[(((c * shape.Rows) + row) * shape.Columns) + column] += change;
            }

        run.Constrain(slot);
    }

    /// <summary>
    /// The best image with one square pushed by twice epsilon, one sign per channel.
    /// </summary>
    private static void Square(
        AttackRun run, int slot, double share, ReadOnlySpan<float> best, ref KeyedRandom random)
    {
        TensorShape shape = run.Shape;
        float epsilon = (float)run.Budget.Epsilon.Value;
        Span<float> image = run.Current(slot);
        best.CopyTo(image);

        // A flat tensor has no squares: single features in a share of them do instead.
        if (shape.Positions == 1)
        {
            int picks = Math.Max((int)Math.Round(share * shape.Channels), 1);
            for (int i = 0; i < picks; i++)
                image[random.NextBelow(shape.Channels)] += 2 * epsilon * random.NextSign();
            run.Constrain(slot);
            return;
        }

        int side = Math.Max((int)Math.Round(Math.Sqrt(share * shape.Positions)), 1);
        int rows = Math.Min(side, shape.Rows),
            columns = Math.Min(side, shape.Columns);
        int top = random.NextBelow(shape.Rows - rows + 1),
            left = random.NextBelow(shape.Columns - columns + 1);
        for (int c = 0; c < shape.Channels; c++)
        {
            float change = 2 * epsilon * random.NextSign();
            for (int row = top; row < top + rows; row++)
                for (int column = left; column < left + columns; column++)
                    image[(((c * shape.Rows) + row) * shape.Columns) + column] += change;
        }

        run.Constrain(slot);
    }

    /// <summary>What a search asks of an image.</summary>
    /// <param name="Query">After so many queries.</param>
    /// <param name="Left">Share of the clean image's margin that may be left then.</param>
    internal readonly record struct Milestone(int Query, double Left);
}

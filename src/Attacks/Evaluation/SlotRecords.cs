namespace QSim.Attacks.Evaluation;

/// <summary>What became of each image of a run, by slot.</summary>
internal sealed class SlotRecords(int count)
{
    /// <summary>
    /// Share of an attempt's steps after which an image counts as broken late: the last quarter.
    /// </summary>
    private const double Late = 0.75;

    /// <summary>Nobody asked where the gradient dies.</summary>
    private const string Untraced = "";

    private readonly bool[] _brokenLate = new bool[count];
    private readonly string?[] _diesIn = [.. Enumerable.Repeat(Untraced, count)];

    public bool[] Fooled { get; } = new bool[count];

    public bool[] WasAttacked { get; } = new bool[count];

    /// <summary>Size of the change kept; of the smallest that fooled.</summary>
    public double[] Distances { get; } = [.. Enumerable.Repeat(double.PositiveInfinity, count)];

    /// <summary>Largest margin at which an attempt ended, where others are the judges.</summary>
    public double[] Margins { get; } = [.. Enumerable.Repeat(double.NegativeInfinity, count)];

    public long[] Queries { get; } = new long[count];

    public long[] Gradients { get; } = new long[count];

    public long[] GradientsWhileRight { get; } = new long[count];

    public long[] ZeroGradients { get; } = new long[count];

    public int[] BrokenAt { get; } = [.. Enumerable.Repeat(-1, count)];

    /// <summary>Notes that an image was broken, the first time.</summary>
    /// <param name="slot">Which.</param>
    /// <param name="attempt">The attempt, restarts counted in.</param>
    /// <param name="stepsDone">Steps of it done by then.</param>
    /// <param name="steps">Steps after which it gives up; 0 for none.</param>
    public void Break(int slot, int attempt, int stepsDone, int steps)
    {
        if (Fooled[slot]) return;
        (Fooled[slot], BrokenAt[slot]) = (true, attempt);
        _brokenLate[slot] = steps > 0 && stepsDone > Late * steps;
    }

    /// <summary>Whether an image's gradient is zero for the first time.</summary>
    public bool IsUntraced(int slot) => _diesIn[slot] == Untraced;

    /// <summary>Notes where an image's gradient dies; null where that is unknown.</summary>
    public void Trace(int slot, string? layer) => _diesIn[slot] = layer;

    /// <summary>All about one image.</summary>
    public ImageOutcome Outcome(int slot, double distance) =>
        new(
            WasAttacked[slot], Fooled[slot], distance, Queries[slot], Gradients[slot],
            ZeroGradients[slot], BrokenAt[slot])
        {
            GradientsWhileRight = GradientsWhileRight[slot],
            BrokenLate = _brokenLate[slot],
            DiesIn = IsUntraced(slot) ? null : _diesIn[slot],
        };
}

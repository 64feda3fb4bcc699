using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>Wrong classes to drive images to.</summary>
internal static class Targets
{
    /// <summary>
    /// By slot, the label of a targeted loss: the class of the given rank among wrong ones,
    /// likeliest 0.
    /// </summary>
    /// <param name="run">Asked once, at the current images.</param>
    /// <param name="rank">0 for the likeliest wrong class.</param>
    /// <param name="encode">(true class, target) to label.</param>
    public static int[] Encode(AttackRun run, int rank, Func<int, int, int> encode)
    {
        run.Query();
        int[] labels = new int[run.Count];
        foreach (int slot in run.Active)
            labels[slot] = encode(run.Label(slot), Wrong(run, slot, rank));
        return labels;
    }

    /// <summary>The wrong class of a rank, equal logits in order of class.</summary>
    public static int Wrong(AttackRun run, int slot, int rank)
    {
        float[] logits = run.Logits(slot).ToArray();
        int label = run.Label(slot);
        return Enumerable.Range(0, logits.Length).Where(j => j != label)
            .OrderByDescending(j => logits[j]).ElementAt(rank);
    }
}

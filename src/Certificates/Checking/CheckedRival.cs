using QSim.Certificates.Proofs;

namespace QSim.Certificates.Checking;

/// <summary>Checks that a class never wins: branches cover the box, and it loses in each.</summary>
internal sealed class CheckedRival(CheckedRoot root, int label, int other, int last)
{
    /// <summary>Splits of a branch, each of which takes a call.</summary>
    private const int MostDepth = 1000;

    /// <summary>Checks leaves.</summary>
    /// <exception cref="CheckException">They prove nothing.</exception>
    public void Check(IReadOnlyList<LeafProof> leaves) => Cover([.. leaves], 0, []);

    /// <summary>
    /// Leaves with the same first splits: one that has no more, or two sides of the same next one.
    /// </summary>
    private void Cover(
        LeafProof[] leaves, int depth, Dictionary<(int, int), (long Low, long High)> limits)
    {
        if (leaves.Length == 0) throw new CheckException($"class {other}: a branch is left out");
        if (depth > MostDepth)
            throw new CheckException($"class {other}: more than {MostDepth} splits of a branch");
        if (leaves.Any(l => l.Path.Count == depth))
        {
            if (leaves.Length > 1) throw new CheckException($"class {other}: a branch twice");
            CheckLeaf(leaves[0], limits);
            return;
        }

        Split split = leaves[0].Path[depth];
        if (leaves.Any(l => l.Path[depth] with { IsUpper = split.IsUpper } != split))
            throw new CheckException($"class {other}: splits that do not meet");
        (long low, long high) = limits.GetValueOrDefault(
            (split.Layer, split.Output),
            (root.Arguments[split.Layer].Low[split.Output],
                root.Arguments[split.Layer].High[split.Output]));
        foreach (bool isUpper in new[] { false, true })
        {
            var side = new Dictionary<(int, int), (long Low, long High)>(limits)
            {
                [(split.Layer, split.Output)] = isUpper
                    ? (Math.Max(low, split.At), high)
                    : (low, Math.Min(high, split.At - 1)),
            };
            Cover([.. leaves.Where(l => l.Path[depth].IsUpper == isUpper)], depth + 1, side);
        }
    }

    private void CheckLeaf(
        LeafProof leaf, Dictionary<(int Layer, int Output), (long Low, long High)> limits)
    {
        if (limits.Values.Any(l => l.Low > l.High)) return;
        if (leaf.Lines is not null) CheckLines(leaf.Lines, limits);
        CheckedForm form = root.Form();
        var extra = new Dictionary<(int, int), Int128>();
        foreach (Multiple multiple in leaf.Multiples)
        {
            var place = (multiple.Layer, multiple.Output);
            if (multiple.Upper < 0 || multiple.Lower < 0 || !limits.TryGetValue(
                place, out (long Low, long High) limit))
                throw new CheckException($"class {other}: a multiple of no limit");
            // What a pool takes is no sum of its window, which a form would have it be.
            if (root.Layers[multiple.Layer] is CheckedMax)
                throw new CheckException($"class {other}: a multiple of a pool's limit");
            extra[place] = checked(
                extra.GetValueOrDefault(place) + multiple.Lower - multiple.Upper);
            form.AddConstant((Int128)multiple.Upper * limit.High, 0);
            form.AddConstant(-(Int128)multiple.Lower * limit.Low, 0);
        }

        if (leaf.OfArguments)
        {
            form.AddArgument(last, other, CheckedForm.FineOne);
            form.AddArgument(last, label, -CheckedForm.FineOne);
        }
        else
        {
            Int128[] logits = form.Of(root.Layers.Length);
            (logits[other], logits[label]) = (CheckedForm.One, -CheckedForm.One);
        }

        Int128 bound = form.Bound(leaf.Lines ?? root.Lines, extra);
        bool loses = leaf.OfArguments
            ? LosesByArguments(bound)
            : bound < (other < label ? 0 : 1);
        if (!loses) throw new CheckException($"class {other} may win in a branch");
    }

    private void CheckLines(
        long[][] lines, Dictionary<(int Layer, int Output), (long Low, long High)> limits)
    {
        for (int k = 0; k < root.Layers.Length; k++)
        {
            long[] low = [.. root.Arguments[k].Low], high = [.. root.Arguments[k].High];
            foreach (((int layer, int output), (long from, long to)) in limits)
                if (layer == k) (low[output], high[output]) = (from, to);
            root.CheckLines(k, lines[k], low, high);
        }
    }

    /// <summary>
    /// Whether two arguments that differ by no more than a bound, each in its interval, cannot make
    /// the class win: a function that both share rises in steps, and the class needs one that is
    /// above the label's, or the same where it has the lower index.
    /// </summary>
    private bool LosesByArguments(Int128 difference)
    {
        CheckedLayer layer = root.Layers[last];
        if (!layer.Shares(label, other))
            throw new CheckException("logits that are not one function of their arguments");
        CheckedArguments known = root.Arguments[last];
        (long[] low, long[] high) = (known.Low, known.High);
        long from = Math.Min(low[label], low[other]), to = Math.Max(high[label], high[other]);
        long first = layer.Apply(label, from), end = layer.Apply(label, to);
        if (first > end || layer.Pieces(label, from, to) is not { Count: 1 })
            throw new CheckException("logits that do not rise");
        if (other > label && difference <= 0) return true;
        for (long value = first; value <= end; value++)
        {
            // The class at the value or above, the label at the value, or below it.
            long least = Math.Max(low[other], First(layer, value, from, to));
            long most = Math.Min(
                high[label],
                First(layer, other < label ? value + 1 : value, from, to) - 1);
            bool isOpen = least <= high[other] && most >= low[label]
                && (Int128)least - most <= difference;
            if (isOpen) return false;
        }

        return true;
    }

    /// <summary>The first argument with a value or more; one beyond the end for none.</summary>
    private long First(CheckedLayer layer, long value, long from, long to)
    {
        if (layer.Apply(label, from) >= value) return from;
        if (layer.Apply(label, to) < value) return to + 1;
        while (to - from > 1)
        {
            long middle = from + ((to - from) / 2);
            if (layer.Apply(label, middle) >= value) to = middle;
            else from = middle;
        }

        return to;
    }
}

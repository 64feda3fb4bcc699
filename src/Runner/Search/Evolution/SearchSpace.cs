using QSim.Attacks;

namespace QSim.Runner.Search.Evolution;

/// <summary>Designs as indices of values, one per free key.</summary>
/// <param name="Sizes">How many values each key has.</param>
/// <param name="IsOrdered">Whether the values of each are numbers, ascending.</param>
internal sealed record SearchSpace(IReadOnlyList<int> Sizes, IReadOnlyList<bool> IsOrdered)
{
    /// <summary>How many designs there are, at most what a long holds.</summary>
    public long Count => Sizes.Aggregate(
        1L, (count, size) => count > long.MaxValue / size ? long.MaxValue : count * size);

    /// <summary>Every design, the last key fastest; of small spaces only.</summary>
    public IEnumerable<int[]> All()
    {
        for (long i = 0; i < Count; i++)
        {
            int[] design = new int[Sizes.Count];
            long rest = i;
            for (int k = Sizes.Count - 1; k >= 0; k--)
            {
                design[k] = (int)(rest % Sizes[k]);
                rest /= Sizes[k];
            }

            yield return design;
        }
    }

    /// <summary>What a design is known by.</summary>
    public static string KeyOf(int[] design) => string.Join(',', design);

    /// <summary>A design at random.</summary>
    public int[] Random(ref KeyedRandom random)
    {
        int[] design = new int[Sizes.Count];
        for (int k = 0; k < design.Length; k++) design[k] = random.NextBelow(Sizes[k]);
        return design;
    }

    /// <summary>
    /// Designs that differ in one key: by one step where its values are numbers, by any where they
    /// are words.
    /// </summary>
    public IEnumerable<int[]> Neighbours(int[] design) =>
        from k in Enumerable.Range(0, Sizes.Count)
        from value in Enumerable.Range(0, Sizes[k])
        where value != design[k] && (!IsOrdered[k] || Math.Abs(value - design[k]) == 1)
        select (int[])[.. design[..k], value, .. design[(k + 1)..]];
}

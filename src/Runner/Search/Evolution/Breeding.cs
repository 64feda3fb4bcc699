using QSim.Attacks;

namespace QSim.Runner.Search.Evolution;

/// <summary>Makes children of parents.</summary>
/// <param name="space">What designs there are.</param>
internal sealed class Breeding(SearchSpace space)
{
    /// <summary>
    /// A child: each key from either parent by the toss of a coin, then on average one key changed,
    /// numbers mostly by one step.
    /// </summary>
    public int[] Child(int[] one, int[] other, ref KeyedRandom random)
    {
        int[] child = new int[one.Length];
        for (int k = 0; k < child.Length; k++)
        {
            child[k] = random.NextSign() > 0 ? one[k] : other[k];
            if (random.NextBelow(child.Length) == 0) child[k] = Changed(k, child[k], ref random);
        }

        return child;
    }

    private int Changed(int key, int value, ref KeyedRandom random)
    {
        int size = space.Sizes[key];
        // One in four changes goes anywhere, so that no valley holds a search for ever.
        return space.IsOrdered[key] && random.NextBelow(4) > 0
            ? Math.Clamp(value + random.NextSign(), 0, size - 1)
            : random.NextBelow(size);
    }
}

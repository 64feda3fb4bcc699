using QSim.Certificates.Bounds;

namespace QSim.Certificates.Functions;

/// <summary>
/// The least and the largest of any stretch of values, from those of stretches of a power of two.
/// </summary>
internal sealed class RangeTable
{
    private readonly List<Interval[]> _levels;

    public RangeTable(long[] values)
    {
        _levels = [[.. values.Select(v => new Interval(v, v))]];
        for (int half = 1; 2 * half <= values.Length; half *= 2)
        {
            Interval[] below = _levels[^1];
            var level = new Interval[values.Length - (2 * half) + 1];
            for (int i = 0; i < level.Length; i++) level[i] = below[i].Or(below[i + half]);
            _levels.Add(level);
        }
    }

    /// <summary>Over values <paramref name="first"/> to <paramref name="last"/>.</summary>
    public Interval Of(int first, int last)
    {
        int level = int.Log2(last - first + 1);
        return _levels[level][first].Or(_levels[level][last - (1 << level) + 1]);
    }
}

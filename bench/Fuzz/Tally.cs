using System.Globalization;

namespace QSim.Fuzz;

/// <summary>What came of a format's mutants; a line of text between processes.</summary>
internal sealed class Tally
{
    private readonly int[] _counts = new int[Enum.GetValues<Outcome>().Length];
    private readonly List<string> _failures = [];

    /// <summary>The most memory of the process.</summary>
    public long Peak { get; set; }

    /// <summary>Failures, each with its mutant.</summary>
    public IReadOnlyList<string> Failures => _failures;

    private long _allocated;
    private double _slowest;

    /// <summary>Mutants so far.</summary>
    public int Mutants => _counts.Sum();

    /// <summary>Counts a mutant.</summary>
    public void Add(Outcome outcome) => _counts[(int)outcome]++;

    /// <summary>Keeps the largest and the slowest.</summary>
    public void Measure(long allocated, TimeSpan took)
    {
        _allocated = Math.Max(_allocated, allocated);
        _slowest = Math.Max(_slowest, took.TotalSeconds);
    }

    /// <summary>A mutant that was not met as it should be.</summary>
    public void Fail(int mutant, string what) =>
        _failures.Add($"{mutant}: {what.ReplaceLineEndings(" ").Replace('|', ' ')}");

    /// <summary>Adds what another process wrote down.</summary>
    public void Merge(string line)
    {
        string[] parts = line.Split('|');
        if (parts.Length < 4) return;
        string[] counts = parts[0].Split(' ');
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += int.Parse(counts[i], CultureInfo.InvariantCulture);
        _allocated = Math.Max(_allocated, long.Parse(parts[1], CultureInfo.InvariantCulture));
        _slowest = Math.Max(_slowest, double.Parse(parts[2], CultureInfo.InvariantCulture));
        Peak = Math.Max(Peak, long.Parse(parts[3], CultureInfo.InvariantCulture));
        _failures.AddRange(parts[4..]);
    }

    /// <summary>Everything in one line.</summary>
    public string Line() => string.Join('|', [
        string.Join(' ', _counts),
        _allocated.ToString(CultureInfo.InvariantCulture),
        _slowest.ToString(CultureInfo.InvariantCulture),
        Peak.ToString(CultureInfo.InvariantCulture), .. _failures]);

    /// <summary>A row of the table.</summary>
    public string Row(string name) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Mutants} | {_counts[0]} | {Mutants - _counts[0]} | {_counts[3]} "
            + $"| {_counts[1]} | {_failures.Count} | {_allocated >> 20} | {Peak >> 20} "
            + $"| {_slowest:F2} |");

    /// <summary>The table's head.</summary>
    public const string Head =
        "| format | mutants | refused | read | executed | too large to run | unhandled "
        + "| most allocated by one, MiB | peak memory, MiB | slowest, s |\n"
        + "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|";
}

using System.Globalization;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Conformance;

/// <summary>What came of replaying one file.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Kind">
/// What it holds: cast, requantization, accumulation, convolution or network.
/// </param>
/// <param name="Rows">Results compared.</param>
/// <param name="Mismatches">How many differ.</param>
/// <param name="First">The first of them in full.</param>
/// <param name="Note">What else a reader should know; empty when nothing.</param>
internal sealed record ReplayReport(
    string File, string Kind, long Rows, long Mismatches, IReadOnlyList<string> First, string Note);

/// <summary>Counts comparisons and keeps the first mismatches.</summary>
/// <param name="show">How many mismatches to keep in full.</param>
internal sealed class ReplayTally(int show)
{
    private readonly List<string> _first = [];

    /// <summary>Results compared so far.</summary>
    public long Rows { get; private set; }

    /// <summary>How many differ.</summary>
    public long Mismatches { get; private set; }

    /// <summary>The first of them in full.</summary>
    public IReadOnlyList<string> First => _first;

    /// <summary>Where in its images an output is, in words.</summary>
    public static string Address(int index, TensorShape shape) => string.Create(
        CultureInfo.InvariantCulture,
        $"image {index / shape.Length}, {Place(index, shape)}");

    /// <summary>The same without the image.</summary>
    public static string Place(int index, TensorShape shape) => string.Create(
        CultureInfo.InvariantCulture,
        $"channel {index % shape.Length / shape.Positions}, " +
        $"row {index % shape.Positions / shape.Columns}, column {index % shape.Columns}");

    /// <summary>Counts many comparisons.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="mismatches">How many of them differ.</param>
    /// <param name="first">The first of those in full.</param>
    public void Add(long rows, long mismatches, IEnumerable<string> first)
    {
        Rows += rows;
        Mismatches += mismatches;
        _first.AddRange(first.Take(show - _first.Count));
    }

    /// <summary>Counts one comparison; the text is only made when it is kept.</summary>
    public void Add(bool agrees, Func<string> mismatch)
    {
        Rows++;
        if (agrees) return;
        Mismatches++;
        if (_first.Count < show) _first.Add(mismatch());
    }
}

using QSim.Runner.Output;
using QSim.Simulator;

namespace QSim.Runner.Studies.Cells;

/// <summary>
/// Reads <c>cells.jsonl</c> line by line: whole cells, and what is wrong with the other lines. A
/// last line without an end was being written when somebody stopped, and counts as neither.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="study">What its cells have to fit; null for any.</param>
internal sealed class CellReader(string path, ResolvedStudy? study)
{
    /// <summary>No cell is longer: it would have some ten million images.</summary>
    private const int LongestLine = 1 << 28;

    private readonly Dictionary<string, CellAddress> _planned =
        study is null ? [] : new StudyPlan(study).Addresses();

    private readonly List<CellRecord> _cells = [];
    private readonly List<InputError> _damaged = [];

    /// <summary>The cells, as often as they are there, in the file's order.</summary>
    public IReadOnlyList<CellRecord> Cells => _cells;

    /// <summary>A reason for every other line.</summary>
    public IReadOnlyList<InputError> Damaged => _damaged;

    /// <summary>Where the last whole line ends.</summary>
    public long End { get; private set; }

    /// <summary>Reads a file; no cells where there is none.</summary>
    /// <exception cref="IOException">It is not a regular file, or cannot be read.</exception>
    public static CellReader Read(string path, ResolvedStudy? study)
    {
        var reader = new CellReader(path, study);
        using FileStream? file = OwnFile.OpenRead(path);
        if (file is not null) reader.Read(file);
        return reader;
    }

    /// <summary>Puts a file in its place that has the cells and nothing else.</summary>
    public void Repair()
    {
        byte[][] lines =
            [.. _cells.Select(c => (byte[])[.. CellLine.Of(c), (byte)'\n'])];
        WholeFile.Replace(path, lines);
        End = lines.Sum(l => (long)l.Length);
    }

    private void Read(FileStream file)
    {
        byte[] buffer = new byte[1 << 16];
        int filled = 0;
        for (int number = 1; ;)
        {
            int count = file.Read(buffer, filled, buffer.Length - filled);
            if (count == 0) return;
            filled += count;
            int start = 0;
            while (Array.IndexOf(buffer, (byte)'\n', start, filled - start) is var end and >= 0)
            {
                Add(buffer.AsSpan(start..end), number++);
                End += end + 1 - start;
                start = end + 1;
            }

            buffer.AsSpan(start..filled).CopyTo(buffer);
            filled -= start;
            if (filled < buffer.Length) continue;
            if (filled >= LongestLine)
                throw new IOException($"{path}:{number}: a line without an end");
            Array.Resize(ref buffer, 2 * buffer.Length);
        }
    }

    private void Add(ReadOnlySpan<byte> line, int number)
    {
        try
        {
            CellRecord cell = CellLine.Parse(line);
            string? reason = _planned.TryGetValue(cell.Key, out CellAddress? planned)
                ? CellChecks.WhyNot(cell, planned, study!.Settings.Images)
                : null;
            if (reason is null) _cells.Add(cell);
            else Report(number, $"this line is damaged: {reason}");
        }
        catch (FormatException e)
        {
            Report(number, e.Message);
        }
    }

    private void Report(int number, string reason) =>
        _damaged.Add(new(path, number, 1, "", reason));
}

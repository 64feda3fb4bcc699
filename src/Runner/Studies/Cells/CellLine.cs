using System.Text;
using System.Text.Json;
using QSim.Runner.Output;

namespace QSim.Runner.Studies.Cells;

/// <summary>
/// A cell as a line of <c>cells.jsonl</c>: one JSON object whose last property is a checksum of
/// everything before it, the first half of its SHA-256. A line with a flipped bit is no cell.
/// </summary>
internal static class CellLine
{
    private const string Checksum = ",\"checksum\":\"", End = "\"}";

    /// <summary>The line, without its end.</summary>
    public static byte[] Of(CellRecord cell) =>
        Seal(Encoding.UTF8.GetBytes(Json.LineOf(cell)[..^1]));

    /// <summary>An object without its last brace, with its checksum.</summary>
    internal static byte[] Seal(byte[] open) =>
        [.. open, .. Encoding.UTF8.GetBytes(Checksum + SealedJson.Sum(open) + End)];

    /// <summary>Where the checksum of a line begins.</summary>
    internal static int SealStart(int length) =>
        length - Checksum.Length - SealedJson.Digits - End.Length;

    /// <summary>The cell of a line.</summary>
    /// <exception cref="FormatException">The line is damaged; the message says how.</exception>
    public static CellRecord Parse(ReadOnlySpan<byte> line)
    {
        int length = SealStart(line.Length);
        ReadOnlySpan<byte> tail = line[Math.Max(0, length)..];
        if (length < 0 || !tail.StartsWith(Encoding.UTF8.GetBytes(Checksum)))
            throw new FormatException(
                "this line is damaged: it has no checksum (nor have those of QSim before 0.1.1)");
        string right = Checksum + SealedJson.Sum(line[..length]) + End;
        if (!tail.SequenceEqual(Encoding.UTF8.GetBytes(right)))
            throw new FormatException("this line is damaged: its checksum does not match");
        try
        {
            CellRecord cell = Json.Parse<CellRecord>(line);
            return CellChecks.WhyNot(cell) is { } reason
                ? throw new FormatException($"this line is damaged: {reason}")
                : cell;
        }
        catch (JsonException)
        {
            throw new FormatException("this line is damaged: it is not a cell of a run");
        }
    }
}

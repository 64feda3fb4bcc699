using System.Security.Cryptography;
using System.Text;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;

namespace QSim.Fuzz;

/// <summary>
/// Damage in what QSim itself writes, seven times out of eight with the checksum that it needs.
/// </summary>
internal static class OwnFiles
{
    private const int WithoutChecksum = 8;

    /// <summary>Lines of a run's cells.</summary>
    public static byte[] Cells(byte[] file, Dice dice)
    {
        if (dice.OneIn(WithoutChecksum)) return Mutator.Mutate(file, true, dice);
        string[] lines = Encoding.UTF8.GetString(file).TrimEnd('\n').Split('\n');
        for (int times = 1 + dice.Below(2); times > 0; times--)
        {
            int at = dice.Below(lines.Length);
            byte[] line = Encoding.UTF8.GetBytes(lines[at]);
            int length = CellLine.SealStart(line.Length);
            byte[] open = Mutator.Mutate(line[..Math.Max(0, length)], true, dice);
            open.AsSpan().Replace((byte)'\n', (byte)' ');
            lines[at] = Encoding.UTF8.GetString(CellLine.Seal(open));
        }

        return Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
    }

    /// <summary>A document of a run.</summary>
    public static byte[] Document(byte[] file, Dice dice) => dice.OneIn(WithoutChecksum)
        ? Mutator.Mutate(file, true, dice)
        : SealedJson.Seal(Mutator.Mutate(SealedJson.Open(file).ToArray(), true, dice));

    /// <summary>What lies in the cache.</summary>
    public static byte[] Cached(byte[] file, Dice dice)
    {
        if (dice.OneIn(WithoutChecksum)) return Mutator.Mutate(file, false, dice);
        byte[] content = Mutator.Mutate(file[..^SHA256.HashSizeInBytes], dice.OneIn(2), dice);
        return [.. content, .. SHA256.HashData(content)];
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace QSim.Fuzz;

/// <summary>
/// Damages bytes in the ways that files get damaged, and in those that attackers try.
/// </summary>
internal static class Mutator
{
    private const int MostLength = 1 << 17;

    private static readonly long[] Numbers =
    [
        0, 1, 2, 3, 7, 8, 127, 128, 255, 256, 1000, 8191, 32767, 32768, 65535, 65536, 524353,
        1 << 20, 1 << 24, (1 << 24) + 1, int.MaxValue, 1L << 31, uint.MaxValue, 1L << 32,
        (1L << 32) + 2, long.MaxValue, long.MinValue, -1, -2, -128,
    ];

    private static readonly string[] Words =
    [
        "", "null", "~", "true", "nan", ".inf", "-.inf", "1e308", "1e-320", "-0", "[]", "{}",
        "[[[[",
        "*a", "&a", "!!x", "<<", "\u001b[31m", "=cmd|' /C calc'!A0", "\0", "\ud83d\ude00", "../..",
        "/dev/zero", "0x10", "010", "1_000", "0.1", "12345678901234567890", "input", "'", "\"", "#",
    ];

    /// <summary>Some damage to a copy; text is damaged as text half the time.</summary>
    public static byte[] Mutate(byte[] original, bool isText, Dice dice)
    {
        List<byte> bytes = [.. original];
        for (int change = 1 + dice.Below(dice.Of([1, 1, 1, 2, 5, 12])); change > 0; change--)
        {
            if (isText && dice.OneIn(2)) ChangeDigit(bytes, dice);
            else if (isText && !dice.OneIn(4)) ChangeText(bytes, dice);
            else ChangeBytes(bytes, dice);
        }

        return [.. bytes.Take(MostLength)];
    }

    private static void ChangeBytes(List<byte> bytes, Dice dice)
    {
        int at = dice.Below(bytes.Count), length = 1 + dice.Below(dice.Of([1, 4, 16, 200]));
        length = Math.Min(length, bytes.Count - at);
        switch (dice.Below(9))
        {
            case 0 when length > 0: bytes[at] ^= (byte)(1 << dice.Below(8)); break;
            case 1 when length > 0: bytes[at] = (byte)dice.Below(256); break;
            case 2: bytes.RemoveRange(at, length); break;
            case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
            case 4: bytes.InsertRange(at, Enumerable.Repeat((byte)dice.Below(256), length)); break;
            case 5: Overwrite(bytes, at, Other(bytes, length, dice)); break;
            case 6: bytes.RemoveRange(at, dice.OneIn(6) ? bytes.Count - at : length); break;
            case 7: Overwrite(bytes, at, Integer(dice)); break;
            default: Overwrite(bytes, at, VarInt(dice)); break;
        }
    }

    /// <summary>Numbers that are a little wrong get further than those that are absurd.</summary>
    private static void ChangeDigit(List<byte> bytes, Dice dice)
    {
        for (int i = 0, at = dice.Below(bytes.Count); i < bytes.Count; i++, at++)
            if (char.IsAsciiDigit((char)bytes[at % bytes.Count]))
            {
                bytes[at % bytes.Count] = (byte)('0' + dice.Below(10));
                return;
            }
    }

    private static void ChangeText(List<byte> bytes, Dice dice)
    {
        (int at, int length) = Token(bytes, dice);
        string with = dice.Below(6) switch
        {
            0 => dice.Of(Numbers).ToString(CultureInfo.InvariantCulture),
            1 => dice.Of(Words),
            2 => new string('9', dice.Below(60)),
            3 => new string((char)('a' + dice.Below(26)), dice.Of([1, 61, 201, 5000])),
            4 => Encoding.Latin1.GetString([.. Other(bytes, dice)]),
            _ => Lines(bytes, dice),
        };
        bytes.RemoveRange(at, length);
        bytes.InsertRange(at, Encoding.UTF8.GetBytes(with));
    }

    private static List<byte> Other(List<byte> bytes, Dice dice)
    {
        (int at, int length) = Token(bytes, dice);
        return bytes.GetRange(at, length);
    }

    /// <summary>A word or a number of the text.</summary>
    private static (int At, int Length) Token(List<byte> bytes, Dice dice)
    {
        if (bytes.Count == 0) return (0, 0);
        int at = dice.Below(bytes.Count), end = at;
        while (at > 0 && IsWord(bytes[at - 1])) at--;
        while (end < bytes.Count && IsWord(bytes[end])) end++;
        bool isQuoted = at > 0 && end < bytes.Count && bytes[at - 1] == '"' && bytes[end] == '"';
        if (isQuoted && dice.OneIn(3)) (at, end) = (at - 1, end + 1);
        return (at, Math.Max(end - at, 0));
    }

    private static string Lines(List<byte> bytes, Dice dice)
    {
        string[] lines = Encoding.Latin1.GetString([.. bytes]).Split('\n');
        return "\n" + string.Concat(Enumerable.Repeat(dice.Of(lines) + "\n", 1 + dice.Below(3)));
    }

    private static List<byte> Other(List<byte> bytes, int length, Dice dice) =>
        bytes.GetRange(dice.Below(bytes.Count - length), length);

    private static bool IsWord(byte b) =>
        char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_';

    private static void Overwrite(List<byte> bytes, int at, IReadOnlyList<byte> with)
    {
        for (int i = 0; i < with.Count && at + i < bytes.Count; i++) bytes[at + i] = with[i];
    }

    private static byte[] Integer(Dice dice)
    {
        byte[] bytes = new byte[8];
        long value = dice.Of(Numbers);
        if (dice.OneIn(2)) BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        else BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        int size = dice.Of([1, 2, 4, 8]);
        return BitConverter.IsLittleEndian ? bytes[..size] : bytes[^size..];
    }

    private static byte[] VarInt(Dice dice)
    {
        List<byte> bytes = [];
        for (ulong v = (ulong)dice.Of(Numbers); ; v >>= 7)
        {
            bytes.Add((byte)((v & 0x7F) | (v > 0x7F ? 0x80u : 0)));
            if (v <= 0x7F) return [.. bytes];
        }
    }
}

using System.Text;

namespace QSim.Silicon.Vectors;

/// <summary>
/// One line of a <c>$readmemh</c> file: fields side by side, the first one in the lowest bits.
/// </summary>
/// <param name="bits">The row's width.</param>
internal sealed class HexRow(int bits)
{
    private readonly ulong[] _words = new ulong[(bits + 63) / 64];
    private int _used;

    /// <summary>Appends the low bits of a value.</summary>
    public void Put(long value, int width)
    {
        ulong low = width == 64 ? (ulong)value : (ulong)value & ((1UL << width) - 1);
        int word = _used / 64, at = _used % 64;
        _words[word] |= low << at;
        if (at + width > 64) _words[word + 1] |= low >> (64 - at);
        _used += width;
    }

    /// <summary>Writes the row, and empties it for the next.</summary>
    public void Write(StringBuilder to)
    {
        if (_used != bits) throw new InvalidOperationException($"{_used} of {bits} bits");
        for (int digit = (bits + 3) / 4 - 1; digit >= 0; digit--)
            to.Append("0123456789abcdef"[(int)((_words[digit / 16] >> (digit % 16 * 4)) & 15)]);
        to.Append('\n');
        Array.Clear(_words);
        _used = 0;
    }
}

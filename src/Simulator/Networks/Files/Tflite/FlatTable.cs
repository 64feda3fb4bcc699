using System.Buffers.Binary;
using System.Text;

namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>
/// A table of a FlatBuffers file. Every offset and length is checked against the file's end before
/// anything behind it is read.
/// </summary>
/// <param name="data">The file.</param>
/// <param name="at">Where the table is.</param>
internal readonly struct FlatTable(byte[] data, int at)
{
    private const int MostText = 200;

    private const string Damaged =
        "this TensorFlow Lite model is damaged or cut short: a place in it lies behind its end";

    /// <summary>The table at the root of a file.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static FlatTable Root(byte[] data) => new(data, Target(data, 0));

    /// <summary>A whole number.</summary>
    /// <param name="field">Its place in the schema.</param>
    /// <param name="bytes">Its width.</param>
    /// <param name="fallback">Its value where it is not there.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public long Integer(int field, int bytes, long fallback = 0)
    {
        if (Field(field) is not { } place) return fallback;
        Need(data, place, bytes);
        ReadOnlySpan<byte> from = data.AsSpan(place);
        return bytes switch
        {
            1 => (sbyte)from[0],
            4 => BinaryPrimitives.ReadInt32LittleEndian(from),
            _ => BinaryPrimitives.ReadInt64LittleEndian(from),
        };
    }

    /// <summary>A float32; 0 where it is not there.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public float Real(int field) => BitConverter.Int32BitsToSingle((int)Integer(field, 4));

    /// <summary>The bytes of a vector; none where it is not there.</summary>
    /// <param name="field">Its place in the schema.</param>
    /// <param name="bytes">Width of an element.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public ReadOnlyMemory<byte> Vector(int field, int bytes)
    {
        if (Field(field) is not { } place) return default;
        int start = Target(data, place);
        Need(data, start, sizeof(int));
        long length = (long)BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(start)) * bytes;
        Need(data, start + (long)sizeof(int), length);
        return data.AsMemory(start + sizeof(int), (int)length);
    }

    /// <summary>
    /// Whole numbers of 32 bits. Tables may share a list: a small file could ask for a lot.
    /// </summary>
    /// <param name="field">Its place in the schema.</param>
    /// <param name="most">How many there may be.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or there are more.</exception>
    public int[] Integers(int field, int most)
    {
        ReadOnlySpan<byte> bytes = List(field, sizeof(int), most);
        int[] values = new int[bytes.Length / sizeof(int)];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        return values;
    }

    /// <summary>Whole numbers of 64 bits.</summary>
    /// <param name="field">Its place in the schema.</param>
    /// <param name="most">How many there may be.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or there are more.</exception>
    public long[] Longs(int field, int most)
    {
        ReadOnlySpan<byte> bytes = List(field, sizeof(long), most);
        long[] values = new long[bytes.Length / sizeof(long)];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * sizeof(long))..]);
        return values;
    }

    /// <summary>Text, or the beginning of a long one; empty where it is not there.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public string Text(int field)
    {
        ReadOnlySpan<byte> bytes = Vector(field, 1).Span;
        return Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, MostText)]);
    }

    /// <summary>A table in a field; null where it is not there.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public FlatTable? Table(int field) =>
        Field(field) is { } place ? new FlatTable(data, Target(data, place)) : null;

    /// <summary>Tables in a vector.</summary>
    /// <param name="field">Its place in the schema.</param>
    /// <param name="most">How many there may be.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public FlatTable[] Tables(int field, int most)
    {
        if (Field(field) is not { } place) return [];
        int count = Vector(field, sizeof(int)).Length / sizeof(int);
        if (count > most) throw new InvalidDataException($"has {count} parts (at most {most})");
        int start = Target(data, place) + sizeof(int);
        var tables = new FlatTable[count];
        for (int i = 0; i < count; i++)
            tables[i] = new(data, Target(data, start + (i * sizeof(int))));
        return tables;
    }

    private ReadOnlySpan<byte> List(int field, int bytes, int most)
    {
        ReadOnlyMemory<byte> all = Vector(field, bytes);
        return all.Length / bytes <= most
            ? all.Span
            : throw new InvalidDataException(
                $"has a list of {all.Length / bytes} numbers (at most {most})");
    }

    /// <summary>Where a field is; null where it is not there.</summary>
    private int? Field(int field)
    {
        Need(data, at, sizeof(int));
        long list = at - (long)BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(at));
        Need(data, list, 2 * sizeof(ushort));
        int length = BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan((int)list));
        Need(data, list, length);
        int entry = (2 + field) * sizeof(ushort);
        if (entry + sizeof(ushort) > length) return null;
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan((int)list + entry));
        if (offset == 0) return null;
        Need(data, at + (long)offset, 1);
        return at + offset;
    }

    private static int Target(byte[] data, int place)
    {
        Need(data, place, sizeof(int));
        long target = place + (long)BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(place));
        Need(data, target, sizeof(int));
        return (int)target;
    }

    private static void Need(byte[] data, long from, long count)
    {
        if (from < 0 || count < 0 || from + count > data.Length)
            throw new InvalidDataException(Damaged);
    }
}

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace QSim.Simulator.Arrays;

/// <summary>An array as NumPy's .npy format (version 1 to 3) stores it, in C order.</summary>
/// <param name="Type">NumPy's type, as in <c>|u1</c> or <c>&lt;f4</c>.</param>
/// <param name="Shape">Extent of each dimension; empty for a scalar.</param>
/// <param name="Data">The elements, little endian.</param>
public sealed partial record NpyArray(string Type, ImmutableArray<int> Shape, byte[] Data)
{
    private static readonly byte[] Magic =
    [
        0x93,
        (byte)'N',
        (byte)'U',
        (byte)'M',
        (byte)'P',
        (byte)'Y',
    ];

    /// <summary>Number of elements.</summary>
    public int Length => Shape.Aggregate(1, (product, extent) => product * extent);

    private int ItemSize => int.Parse(Type.AsSpan(2), CultureInfo.InvariantCulture);

    /// <summary>Reads the bytes of a .npy file.</summary>
    /// <exception cref="InvalidDataException">
    /// They are none, are cut short, or hold an unsupported type.
    /// </exception>
    public static NpyArray Parse(byte[] file)
    {
        if (file.Length < 10 || !file.AsSpan(0, 6).SequenceEqual(Magic))
            throw new InvalidDataException("not a .npy array");
        int width = file[6] == 1 ? 2 : 4;
        int start = 8 + width;
        int length =
            width == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8))
            : file.Length < 12 ? int.MaxValue
            : BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(8));
        if (length < 0 || length > file.Length - start)
            throw new InvalidDataException("the array's header is cut short");
        Match header = Header().Match(Encoding.Latin1.GetString(file, start, length));
        if (!header.Success)
            throw new InvalidDataException("the array's header is not understood");
        if (header.Groups["order"].Value == "True")
            throw new InvalidDataException("Fortran order is not supported");

        string type = header.Groups["type"].Value;
        if (!Supported().IsMatch(type))
            throw new InvalidDataException($"elements of type '{type}' are not supported");
        ImmutableArray<int> shape =
        [
            .. header
                .Groups["shape"]
                .Value.Split(
                    ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(extent => int.Parse(extent, CultureInfo.InvariantCulture)),
        ];
        var array = new NpyArray(type, shape, file[(start + length)..]);
        return array.Data.Length == (long)array.Length * array.ItemSize
            ? array
            : throw new InvalidDataException(
                $"{array.Data.Length} bytes where {array.Length} elements are stated");
    }

    /// <summary>An array of integers, as int32 where they fit and else as int64.</summary>
    public static NpyArray Of(long[] values, params ReadOnlySpan<int> shape)
    {
        bool narrow = values.All(v => v is >= int.MinValue and <= int.MaxValue);
        byte[] data = new byte[values.Length * (narrow ? 4 : 8)];
        for (int i = 0; i < values.Length; i++)
        {
            if (narrow) BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(i * 4), (int)values[i]);
            else BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(i * 8), values[i]);
        }

        return new(narrow ? "<i4" : "<i8", [.. shape], data);
    }

    /// <summary>The bytes of a .npy file, version 1.</summary>
    public byte[] ToBytes()
    {
        string shape = string.Concat(
            Shape.Select(extent => string.Create(CultureInfo.InvariantCulture, $"{extent},")));
        string header = $"{{'descr': '{Type}', 'fortran_order': False, 'shape': ({shape}), }}";
        header = header.PadRight(((header.Length + 11 + 63) / 64 * 64) - 11) + "\n";
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        return [.. Magic, 1, 0, .. length, .. Encoding.Latin1.GetBytes(header), .. Data];
    }

    /// <summary>True when elements are whole numbers.</summary>
    public bool IsInteger => Type[1] is 'i' or 'u';

    /// <summary>The elements of an array of integers.</summary>
    /// <exception cref="InvalidDataException">They are no integers.</exception>
    public long[] ToIntegers() => IsInteger
        ? [.. Enumerable.Range(0, Length).Select(IntegerAt)]
        : throw new InvalidDataException($"elements are '{Type}' where integers are needed");

    /// <summary>
    /// The elements as double, which holds every float and every 53-bit integer exactly.
    /// </summary>
    public double[] ToReals() => [.. Enumerable.Range(0, Length).Select(i => Type[1..] switch
    {
        "f4" => BinaryPrimitives.ReadSingleLittleEndian(Data.AsSpan(i * 4)),
        "f8" => BinaryPrimitives.ReadDoubleLittleEndian(Data.AsSpan(i * 8)),
        _ => IntegerAt(i),
    })];

    private long IntegerAt(int index)
    {
        ReadOnlySpan<byte> item = Data.AsSpan(index * ItemSize);
        return Type[1..] switch
        {
            "u1" => item[0],
            "i1" => (sbyte)item[0],
            "u2" => BinaryPrimitives.ReadUInt16LittleEndian(item),
            "i2" => BinaryPrimitives.ReadInt16LittleEndian(item),
            "u4" => BinaryPrimitives.ReadUInt32LittleEndian(item),
            "i4" => BinaryPrimitives.ReadInt32LittleEndian(item),
            _ => BinaryPrimitives.ReadInt64LittleEndian(item),
        };
    }

    [GeneratedRegex(
        @"'descr':\s*'(?<type>[^']+)'.*'fortran_order':\s*(?<order>True|False)"
        + @".*'shape':\s*\((?<shape>[\d, ]*)\)")]
    private static partial Regex Header();

    [GeneratedRegex("^([|<][iu]1|<[iu][24]|<i8|<f[48])$")]
    private static partial Regex Supported();
}

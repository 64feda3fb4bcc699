using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Arrays;

/// <summary>An array as NumPy's .npy format (version 1 to 3) stores it; here in C order.</summary>
/// <param name="Type">NumPy's type, as in <c>|u1</c> or <c>&lt;f4</c>.</param>
/// <param name="Shape">Extent of each dimension; empty for a scalar.</param>
/// <param name="Data">The elements, little endian.</param>
public sealed partial record NpyArray(string Type, ImmutableArray<int> Shape, byte[] Data)
{
    private const int BytesPerCharacter = 4;

    private static readonly byte[] Magic =
    [
        0x93,
        (byte)'N',
        (byte)'U',
        (byte)'M',
        (byte)'P',
        (byte)'Y',
    ];

    /// <summary>In time that grows with the header's length, whatever is in it.</summary>
    private static readonly Regex Header = new(
        @"'descr':\s*'(?<type>[^']+)'.*'fortran_order':\s*(?<order>True|False)"
        + @".*'shape':\s*\((?<shape>[\d, ]*)\)",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private const int MostDimensions = 32;
    private const int MostHeader = 1 << 16;

    /// <summary>Number of elements.</summary>
    /// <exception cref="SizeException">They are too many.</exception>
    public int Length => Sizes.Weights(Shape.AsSpan());

    private int ItemSize => SizeOf(Type);

    /// <summary>Reads the bytes of a .npy file.</summary>
    /// <exception cref="InvalidDataException">
    /// They are none, are cut short, or hold an unsupported type.
    /// </exception>
    public static NpyArray Parse(byte[] file)
    {
        (Match header, int start) = HeaderOf(file);
        string type = header.Groups["type"].Value;
        if (Unread(type) is { } reason) throw new InvalidDataException(reason);
        NpyArray array = Of(
            type, Extents(header.Groups["shape"].Value), file.AsSpan(start));
        return header.Groups["order"].Value == "True" ? array.FromFortran() : array;
    }

    /// <summary>
    /// Why an entry is no array that QSim reads, by its header: of another type, or no array at
    /// all; null where it is.
    /// </summary>
    internal static string? WhyUnsupported(byte[] file)
    {
        try
        {
            return Unread(HeaderOf(file).Header.Groups["type"].Value);
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    private static string? Unread(string type) => Supported().IsMatch(type)
        ? null
        : $"elements of type '{Brief.Name(type)}' are not supported";

    /// <summary>The header, and where the elements begin.</summary>
    private static (Match Header, int Start) HeaderOf(byte[] file)
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
        if (length > MostHeader)
            throw new InvalidDataException(
                $"the array's header has {length} bytes (at most {MostHeader})");
        Match header = Header.Match(Encoding.Latin1.GetString(file, start, length));
        if (!header.Success)
            throw new InvalidDataException("the array's header is not understood");
        return (header, start + length);
    }

    /// <summary>The same array where the bytes have the first dimension fastest.</summary>
    private NpyArray FromFortran()
    {
        int size = ItemSize, length = Length;
        byte[] data = new byte[Data.Length];
        int[] position = new int[Shape.Length], step = new int[Shape.Length];
        for (int axis = 0, next = 1; axis < step.Length; next *= Shape[axis++]) step[axis] = next;
        for (int i = 0, from = 0; i < length; i++)
        {
            Data.AsSpan(from * size, size).CopyTo(data.AsSpan(i * size));
            for (int axis = Shape.Length - 1; axis >= 0; axis--)
            {
                from += step[axis];
                if (++position[axis] < Shape[axis]) break;
                from -= step[axis] * Shape[axis];
                position[axis] = 0;
            }
        }

        return this with { Data = data };
    }

    /// <summary>An array of which a file says the type, the shape and the bytes.</summary>
    /// <exception cref="InvalidDataException">They do not fit each other.</exception>
    public static NpyArray Of(string type, ImmutableArray<int> shape, ReadOnlySpan<byte> data)
    {
        long size = SizeOf(type);
        long[] extents = [.. shape.Select(extent => (long)extent)];
        if (shape.Length > MostDimensions
            || Sizes.Product(Sizes.MostWeights, extents) is not { } length)
            throw new InvalidDataException(
                $"its shape says more than {Sizes.MostWeights} elements");
        return data.Length == length * size
            ? new(type, shape, data.ToArray())
            : throw new InvalidDataException(
                $"{data.Length} bytes where {length} elements of {size} bytes are stated");
    }

    private static ImmutableArray<int> Extents(string shape)
    {
        var extents = ImmutableArray.CreateBuilder<int>();
        foreach (string text in shape.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            extents.Add(
                int.TryParse(
                    text, NumberStyles.None, CultureInfo.InvariantCulture, out int extent)
                    ? extent
                    : throw new InvalidDataException(
                        $"its shape holds '{Brief.Name(text)}', which is not a size"));
        return extents.ToImmutable();
    }

    private static int SizeOf(string type) =>
        (type[1] == 'U' ? BytesPerCharacter : 1)
        * int.Parse(type.AsSpan(2), CultureInfo.InvariantCulture);

    /// <summary>An array of integers, as int32 where they fit and else as int64.</summary>
    public static NpyArray Of(long[] values, params ReadOnlySpan<int> shape)
    {
        bool narrow = values.All(v => v is >= int.MinValue and <= int.MaxValue);
        byte[] data = new byte[Sizes.Elements(values.Length, narrow ? 4 : 8)];
        for (int i = 0; i < values.Length; i++)
        {
            if (narrow) BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(i * 4), (int)values[i]);
            else BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(i * 8), values[i]);
        }

        return new(narrow ? "<i4" : "<i8", [.. shape], data);
    }

    /// <summary>A text, as NumPy's scalar of type U.</summary>
    public static NpyArray Of(string text) =>
        new($"<U{Math.Max(text.EnumerateRunes().Count(), 1)}", [], Encoding.UTF32.GetBytes(
            text.Length == 0 ? "\0" : text));

    /// <summary>Numbers of 32 bits, as the processor has them: little endian.</summary>
    public static NpyArray Of(float[] values, params ReadOnlySpan<int> shape)
    {
        byte[] data = new byte[Sizes.Elements(values.Length, sizeof(float))];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(i * sizeof(float)), values[i]);
        return new("<f4", [.. shape], data);
    }

    /// <summary>Numbers of 64 bits.</summary>
    public static NpyArray Of(double[] values, params ReadOnlySpan<int> shape)
    {
        byte[] data = new byte[Sizes.Elements(values.Length, sizeof(double))];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(data.AsSpan(i * sizeof(double)), values[i]);
        return new("<f8", [.. shape], data);
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

    /// <summary>True when elements are texts.</summary>
    public bool IsText => Type[1] == 'U';

    /// <summary>The text of a scalar of type U.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public string ToText() => IsText && Length == 1
        ? Encoding.UTF32.GetString(Data).TrimEnd('\0')
        : throw new InvalidDataException($"'{Type}' of {Length} where one text is needed");

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
        "f2" => (double)BinaryPrimitives.ReadHalfLittleEndian(Data.AsSpan(i * 2)),
        "f4" => BinaryPrimitives.ReadSingleLittleEndian(Data.AsSpan(i * 4)),
        "f8" => BinaryPrimitives.ReadDoubleLittleEndian(Data.AsSpan(i * 8)),
        _ when IsInteger => IntegerAt(i),
        _ => throw new InvalidDataException($"elements are '{Type}' where numbers are needed"),
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

    [GeneratedRegex("^([|<][iu]1|<[iu][24]|<i8|<f[248]|<U[0-9]{1,4})$")]
    private static partial Regex Supported();
}

using System.Buffers.Binary;
using System.Globalization;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// ONNX's arrays: elements in one block of little-endian bytes, here or in a file beside the model,
/// or in a field of their own type.
/// </summary>
internal static class OnnxTensorReader
{
    private delegate T Decoder<T>(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Reads one array; elements of types that no classifier's constants have are left out.
    /// </summary>
    /// <param name="message">The array.</param>
    /// <param name="beside">The bytes of a file beside the model, if there are any.</param>
    /// <exception cref="InvalidDataException">
    /// It lies in a file that cannot be read, or its length does not fit its shape.
    /// </exception>
    public static OnnxTensor Read(TensorProto message, Func<string, byte[]>? beside = null)
    {
        string name = Brief.Name(message.Name);
        long[] shape = [.. message.Dims];
        long count = OnnxTensor.CountOf(shape);
        ReadOnlyMemory<byte>? raw = message.DataLocation == DataLocation.External
            ? Outside(message, name, beside)
            : message.HasRawData ? message.RawData.Memory : (ReadOnlyMemory<byte>?)null;
        float[]? floats = raw is { } bytes
            ? Reals(message.DataType, bytes.Span)
            : Reals(message);
        long[]? wholes = floats is not null ? null
            : raw is { } packed ? Integers(message.DataType, packed.Span, count)
            : Integers(message, count);
        int length = floats?.Length ?? wholes?.Length ?? -1;
        return length < 0 || length == count
            ? new(message.Name, shape, floats, wholes) { Type = message.DataType }
            : throw new InvalidDataException(
                $"constant '{name}' has {length} elements where its shape says "
                    + (count < 0 ? "more than are supported" : $"{count}"));
    }

    private static float[]? Reals(DataType type, ReadOnlySpan<byte> raw) => type switch
    {
        DataType.Float => Decode(raw, 4, BinaryPrimitives.ReadSingleLittleEndian),
        DataType.Double => Decode(raw, 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
        DataType.Float16 => Decode(raw, 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
        DataType.Bfloat16 => Decode(
            raw, 2, b => Bfloat(BinaryPrimitives.ReadUInt16LittleEndian(b))),
        _ => null,
    };

    private static float[]? Reals(TensorProto message) => message.DataType switch
    {
        DataType.Float => [.. message.FloatData],
        DataType.Double => [.. message.DoubleData.Select(d => (float)d)],
        DataType.Float16 =>
            [.. message.Int32Data.Select(i => (float)BitConverter.UInt16BitsToHalf((ushort)i))],
        DataType.Bfloat16 => [.. message.Int32Data.Select(i => Bfloat((ushort)i))],
        _ => null,
    };

    private static long[]? Integers(DataType type, ReadOnlySpan<byte> raw, long count) =>
        type switch
        {
            DataType.Int64 => Decode(raw, 8, BinaryPrimitives.ReadInt64LittleEndian),
            DataType.Int32 => Decode(raw, 4, b => (long)BinaryPrimitives.ReadInt32LittleEndian(b)),
            DataType.Uint32 =>
                Decode(raw, 4, b => (long)BinaryPrimitives.ReadUInt32LittleEndian(b)),
            DataType.Int16 => Decode(raw, 2, b => (long)BinaryPrimitives.ReadInt16LittleEndian(b)),
            DataType.Uint16 =>
                Decode(raw, 2, b => (long)BinaryPrimitives.ReadUInt16LittleEndian(b)),
            DataType.Int8 => Decode(raw, 1, b => (long)(sbyte)b[0]),
            DataType.Uint8 or DataType.Bool => Decode(raw, 1, b => (long)b[0]),
            DataType.Int4 or DataType.Uint4 => Nibbles(
                Decode(raw, 1, b => (long)b[0]), type == DataType.Int4, count),
            _ => null,
        };

    private static long[]? Integers(TensorProto message, long count) => message.DataType switch
    {
        DataType.Int64 => [.. message.Int64Data],
        DataType.Uint32 => [.. message.Uint64Data.Select(u => (long)u)],
        DataType.Int4 or DataType.Uint4 => Nibbles(
            [.. message.Int32Data.Select(i => (long)(byte)i)],
            message.DataType == DataType.Int4, count),
        DataType.Int32 or DataType.Int16 or DataType.Uint16 or DataType.Int8 or DataType.Uint8
            or DataType.Bool => [.. message.Int32Data.Select(i => (long)i)],
        _ => null,
    };

    /// <summary>Two elements a byte, the first in the low bits.</summary>
    private static long[] Nibbles(long[] bytes, bool isSigned, long count)
    {
        if (count < 0 || bytes.Length != (count + 1) / 2) return new long[bytes.Length * 2];
        var all = new long[count];
        for (int i = 0; i < all.Length; i++)
        {
            long nibble = (bytes[i / 2] >> (i % 2 * 4)) & 15;
            all[i] = isSigned && nibble > 7 ? nibble - 16 : nibble;
        }

        return all;
    }

    private static float Bfloat(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>The part of a file beside the model that holds an array.</summary>
    private static ReadOnlyMemory<byte> Outside(
        TensorProto message, string name, Func<string, byte[]>? beside)
    {
        string? Entry(string key) =>
            message.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;
        string location = Entry("location") ?? "";
        bool isBeside = location.Length > 0 && !Path.IsPathRooted(location)
            && !location.Split('/', '\\').Contains("..");
        if (beside is null || !isBeside)
            throw new InvalidDataException(
                $"constant '{name}' is stored in the file '{Brief.Name(location)}' (supported: "
                    + "files beside the model, or below it)");
        byte[] file = beside(location);
        bool TryNumber(string key, long fallback, out long number)
        {
            number = fallback;
            return Entry(key) is not { } text
                || long.TryParse(
                    text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        }

        if (!TryNumber("offset", 0, out long offset) || offset > file.Length
            || !TryNumber("length", file.Length - offset, out long length)
            || length > file.Length - offset)
            throw new InvalidDataException(
                $"constant '{name}' lies outside '{Brief.Name(location)}', which has "
                    + $"{file.Length} bytes: it is cut short");
        return file.AsMemory((int)offset, (int)length);
    }

    private static T[] Decode<T>(ReadOnlySpan<byte> raw, int size, Decoder<T> decode)
    {
        if (raw.Length % size != 0)
            throw new InvalidDataException(
                $"{raw.Length} bytes are not a whole number of elements of {size}");
        var values = new T[raw.Length / size];
        for (int i = 0; i < values.Length; i++) values[i] = decode(raw.Slice(i * size, size));
        return values;
    }
}

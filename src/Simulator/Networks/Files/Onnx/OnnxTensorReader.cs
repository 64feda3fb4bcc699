using System.Buffers.Binary;
using Google.Protobuf;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// ONNX's arrays: elements in one block of little-endian bytes, or in a field of their own type.
/// </summary>
internal static class OnnxTensorReader
{
    private const int Float = 1, Int32 = 6, Int64 = 7, Bool = 9, Half = 10, Double = 11;

    /// <summary>
    /// Reads one array; elements of types that no classifier's constants have are left out.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// It lies in another file, or its length does not fit its shape.
    /// </exception>
    public static OnnxTensor Read(ByteString message)
    {
        (string name, long type, ByteString? raw, bool isOutside) = ("", 0, null, false);
        var shape = new List<long>();
        var reals = new List<float>();
        var doubles = new List<double>();
        var integers = new List<long>();
        Wire.Read(message, f =>
        {
            switch (f.Number)
            {
                case 1: return f.AddTo(shape);
                case 2: type = f.Input.ReadInt64(); return true;
                case 4: return f.AddTo(reals);
                case 5 or 7: return f.AddTo(integers);
                case 8: name = f.Input.ReadString(); return true;
                case 9: raw = f.Input.ReadBytes(); return true;
                case 10: return f.AddTo(doubles);
                case 14: isOutside = f.Input.ReadInt64() == 1; return true;
                default: return false;
            }
        });
        if (isOutside)
            throw new InvalidDataException(
                $"constant '{name}' is stored in another file; export with the weights inside");
        long count = shape.Aggregate(1L, (product, extent) => product * extent);
        float[]? floats = type switch
        {
            Float => raw is null
                ? [.. reals]
                : Decode(raw, 4, BinaryPrimitives.ReadSingleLittleEndian),
            Double => raw is null
                ? [.. doubles.Select(d => (float)d)]
                : Decode(raw, 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
            Half => raw is null
                ? [.. integers.Select(i => (float)BitConverter.UInt16BitsToHalf((ushort)i))]
                : Decode(raw, 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
            _ => null,
        };
        long[]? wholes = type switch
        {
            Int64 => raw is null
                ? [.. integers]
                : Decode(raw, 8, BinaryPrimitives.ReadInt64LittleEndian),
            Int32 => raw is null
                ? [.. integers]
                : Decode(raw, 4, b => (long)BinaryPrimitives.ReadInt32LittleEndian(b)),
            Bool => raw is null ? [.. integers] : Decode(raw, 1, b => (long)b[0]),
            _ => null,
        };
        int length = floats?.Length ?? wholes?.Length ?? -1;
        return length < 0 || length == count
            ? new(name, shape, floats, wholes)
            : throw new InvalidDataException(
                $"constant '{name}' has {length} elements where its shape says {count}");
    }

    private delegate T Decoder<T>(ReadOnlySpan<byte> bytes);

    private static T[] Decode<T>(ByteString raw, int size, Decoder<T> decode)
    {
        var values = new T[raw.Length / size];
        for (int i = 0; i < values.Length; i++) values[i] = decode(raw.Span.Slice(i * size, size));
        return values;
    }
}

using System.Buffers.Binary;
using Google.Protobuf;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// ONNX's arrays: elements in one block of little-endian bytes, or in a field of their own type.
/// </summary>
internal static class OnnxTensorReader
{
    /// <summary>
    /// Reads one array; elements of types that no classifier's constants have are left out.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// It lies in another file, or its length does not fit its shape.
    /// </exception>
    public static OnnxTensor Read(TensorProto message)
    {
        (string name, DataType type) = (message.Name, message.DataType);
        ByteString? raw = message.HasRawData ? message.RawData : null;
        bool isOutside = message.DataLocation == DataLocation.External;
        long[] shape = [.. message.Dims];
        IReadOnlyList<float> reals = message.FloatData;
        IReadOnlyList<double> doubles = message.DoubleData;
        IReadOnlyList<long> integers = message.Int64Data.Count > 0
            ? message.Int64Data
            : [.. message.Int32Data.Select(i => (long)i)];
        if (isOutside)
            throw new InvalidDataException(
                $"constant '{Brief.Name(name)}' is stored in another file; export with the "
                    + "weights inside");
        long count = OnnxTensor.CountOf(shape);
        float[]? floats = type switch
        {
            DataType.Float => raw is null
                ? [.. reals]
                : Decode(raw, 4, BinaryPrimitives.ReadSingleLittleEndian),
            DataType.Double => raw is null
                ? [.. doubles.Select(d => (float)d)]
                : Decode(raw, 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
            DataType.Float16 => raw is null
                ? [.. integers.Select(i => (float)BitConverter.UInt16BitsToHalf((ushort)i))]
                : Decode(raw, 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
            _ => null,
        };
        long[]? wholes = type switch
        {
            DataType.Int64 => raw is null
                ? [.. integers]
                : Decode(raw, 8, BinaryPrimitives.ReadInt64LittleEndian),
            DataType.Int32 => raw is null
                ? [.. integers]
                : Decode(raw, 4, b => (long)BinaryPrimitives.ReadInt32LittleEndian(b)),
            DataType.Bool => raw is null ? [.. integers] : Decode(raw, 1, b => (long)b[0]),
            _ => null,
        };
        int length = floats?.Length ?? wholes?.Length ?? -1;
        return length < 0 || length == count
            ? new(name, shape, floats, wholes)
            : throw new InvalidDataException(
                $"constant '{Brief.Name(name)}' has {length} elements where its shape says "
                    + (count < 0 ? "more than are supported" : $"{count}"));
    }

    private delegate T Decoder<T>(ReadOnlySpan<byte> bytes);

    private static T[] Decode<T>(ByteString raw, int size, Decoder<T> decode)
    {
        if (raw.Length % size != 0)
            throw new InvalidDataException(
                $"{raw.Length} bytes are no whole number of elements of {size}");
        var values = new T[raw.Length / size];
        for (int i = 0; i < values.Length; i++) values[i] = decode(raw.Span.Slice(i * size, size));
        return values;
    }
}

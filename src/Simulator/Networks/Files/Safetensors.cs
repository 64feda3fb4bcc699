using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using QSim.Simulator.Arrays;

namespace QSim.Simulator.Networks.Files;

/// <summary>
/// The safetensors format: the header's length as 64 bits, a JSON header with type, shape and place
/// of each array, then the arrays' little-endian bytes.
/// </summary>
internal static class Safetensors
{
    private const int LengthBytes = 8;
    private const string Brain = "BF16";

    private static readonly Dictionary<string, string> NumpyTypes = new()
    {
        ["F16"] = "<f2",
        [Brain] = "<f4",
        ["F32"] = "<f4",
        ["F64"] = "<f8",
        ["U8"] = "|u1",
        ["I8"] = "|i1",
        ["I32"] = "<i4",
        ["I64"] = "<i8",
    };

    /// <summary>
    /// Every array of a type that a network's weights may have; others are left out.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is none, or damaged.</exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(byte[] file)
    {
        long length = file.Length < LengthBytes ? -1 : BinaryPrimitives.ReadInt64LittleEndian(file);
        if (length < 2 || length > file.Length - LengthBytes)
            throw new InvalidDataException("not a safetensors file");
        try
        {
            using JsonDocument header = JsonDocument.Parse(file.AsMemory(LengthBytes, (int)length));
            ReadOnlySpan<byte> data = file.AsSpan(LengthBytes + (int)length);
            var arrays = new Dictionary<string, NpyArray>();
            long used = 0;
            foreach (JsonProperty entry in header.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__")
                    continue;
                if (NumpyTypes.TryGetValue(
                    entry.Value.GetProperty("dtype").GetString() ?? "", out string? type))
                {
                    // Arrays that share bytes are no part of the format, and let a small file name
                    // gigabytes.
                    NpyArray array = Slice(entry, type, data, out int size);
                    if (!arrays.TryAdd(entry.Name, array))
                        throw new InvalidDataException(
                            $"array '{Brief.Name(entry.Name)}' is there twice");
                    if ((used += size) > data.Length)
                        throw new InvalidDataException(
                            $"array '{Brief.Name(entry.Name)}' overlaps others");
                }
            }

            return arrays;
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException)
        {
            throw new InvalidDataException("the header of this safetensors file is damaged");
        }
    }

    /// <summary>One array, and how many bytes it takes in the file.</summary>
    private static NpyArray Slice(
        JsonProperty entry, string type, ReadOnlySpan<byte> data, out int size)
    {
        ImmutableArray<int> shape =
            [.. entry.Value.GetProperty("shape").EnumerateArray().Select(e => e.GetInt32())];
        long[] place =
            [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(e => e.GetInt64())];
        if (place is not [var start, var end] || start < 0 || end < start || end > data.Length)
            throw new InvalidDataException(
                $"array '{Brief.Name(entry.Name)}' lies outside the file: it is cut short");
        try
        {
            ReadOnlySpan<byte> own = data[(int)start..(int)end];
            size = own.Length;
            bool isBrain = entry.Value.GetProperty("dtype").GetString() == Brain;
            return NpyArray.Of(type, shape, isBrain ? Bfloat16.Widened(own) : own);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"array '{Brief.Name(entry.Name)}': {e.Message}");
        }
    }
}

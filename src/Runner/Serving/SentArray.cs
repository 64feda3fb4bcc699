using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using QSim.Kernels.Datapath;
using QSim.Simulator;

namespace QSim.Runner.Serving;

/// <summary>An array that a client sent, where it lies in the frame.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Dtype">Of its elements.</param>
/// <param name="Shape">Its extents, the last one fastest.</param>
/// <param name="Bytes">Its elements, little-endian.</param>
internal sealed record SentArray(string Name, string Dtype, int[] Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Types of elements.</summary>
    public const string Bytes8 = "u1", Float32 = "f4", Int32 = "i4", Int64 = "i8";

    private const float White = 255;

    private static readonly float[] OfByte =
        [.. Enumerable.Range(0, 256).Select(level => level / White)];

    /// <summary>What a request says of its body.</summary>
    /// <exception cref="RequestException">It is not what the body holds.</exception>
    public static IReadOnlyList<SentArray> Of(RequestHead head, ReadOnlyMemory<byte> body)
    {
        List<SentArray> arrays = [];
        int at = 0;
        if (head.Value(RequestHead.Arrays) is { } said)
        {
            if (said.ValueKind != JsonValueKind.Array || said.GetArrayLength() > Wire.MostArrays)
                throw new RequestException(
                    $"arrays: {RequestHead.Found(said)} (supported: a list of at most "
                        + $"{Wire.MostArrays})");
            foreach (JsonElement one in said.EnumerateArray())
            {
                SentArray array = Of(one, body[at..]);
                if (arrays.Any(a => a.Name == array.Name))
                    throw new RequestException(
                        $"arrays: two are called '{Brief.Name(array.Name)}'");
                arrays.Add(array);
                at += array.Bytes.Length;
            }
        }

        return at == body.Length
            ? arrays
            : throw new RequestException(
                $"arrays: have {at} bytes, the body has {body.Length}");
    }

    /// <summary>How many images it has, of a shape.</summary>
    /// <exception cref="RequestException">It has others.</exception>
    public int ImagesOf(TensorShape shape)
    {
        bool isFlat = Shape.Length == 2 && Shape[1] == shape.Length;
        bool isWhole = Shape.Length == 4
            && (Shape[1], Shape[2], Shape[3]) == (shape.Channels, shape.Rows, shape.Columns);
        return isFlat || isWhole
            ? Shape[0]
            : throw new RequestException(
                $"{Name}: {Found} (supported: Nx{shape}, or Nx{shape.Length})");
    }

    /// <summary>All pixels, in 0..1.</summary>
    /// <param name="buffer">Where bytes are turned to pixels; grows as needed.</param>
    /// <exception cref="RequestException">They are anything else.</exception>
    public ReadOnlySpan<float> Pixels(ref float[] buffer) =>
        Pixels(0, Bytes.Length / (Dtype == Bytes8 ? sizeof(byte) : sizeof(float)), ref buffer);

    /// <summary>Some pixels, in 0..1; white bytes are 1.</summary>
    /// <param name="first">The first.</param>
    /// <param name="count">How many.</param>
    /// <param name="buffer">Where bytes are turned to pixels; grows as needed.</param>
    /// <exception cref="RequestException">They are anything else.</exception>
    public ReadOnlySpan<float> Pixels(int first, int count, ref float[] buffer)
    {
        if (Dtype == Bytes8)
        {
            ReadOnlySpan<byte> bytes = Bytes.Span.Slice(first, count);
            if (buffer.Length < count) buffer = new float[count];
            for (int i = 0; i < count; i++) buffer[i] = OfByte[bytes[i]];
            return buffer.AsSpan(0, count);
        }

        ReadOnlySpan<float> pixels = Floats().Slice(first, count);
        int odd = Outside(pixels);
        return odd < 0
            ? pixels
            : throw new RequestException(FormattableString.Invariant(
                $"{Name}: value {first + odd} is {pixels[odd]:R} (supported: 0..1, or u1 where ")
                + "255 is 1)");
    }

    /// <summary>
    /// The first that is not in 0..1, or -1: effectively
    /// <c>FindIndex(v => !(v >= 0 &amp;&amp; v &lt;= 1))</c>, which NaN is, too.
    /// </summary>
    private static int Outside(ReadOnlySpan<float> values)
    {
        int at = 0;
        for (; at <= values.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            var some = new Vector<float>(values[at..]);
            if (!Vector.GreaterThanOrEqualAll(some, Vector<float>.Zero)
                || !Vector.LessThanOrEqualAll(some, Vector<float>.One))
                break;
        }

        for (; at < values.Length; at++)
            if (!(values[at] >= 0 && values[at] <= 1)) return at;
        return -1;
    }

    /// <summary>Real numbers.</summary>
    /// <exception cref="RequestException">They are not.</exception>
    public ReadOnlySpan<float> Floats() => Dtype == Float32
        ? MemoryMarshal.Cast<byte, float>(Bytes.Span)
        : throw Unfit(Float32);

    /// <summary>Whole numbers.</summary>
    /// <exception cref="RequestException">They are not.</exception>
    public ReadOnlySpan<int> Integers() => Dtype == Int32
        ? MemoryMarshal.Cast<byte, int>(Bytes.Span)
        : throw Unfit(Int32);

    /// <summary>Its shape, for messages.</summary>
    public string Found => $"is {(Shape.Length == 0 ? "a number" : string.Join('x', Shape))}";

    private RequestException Unfit(string wanted) =>
        new($"{Name}: is {Dtype} (supported: {wanted})");

    private static SentArray Of(JsonElement one, ReadOnlyMemory<byte> rest)
    {
        if (one.ValueKind != JsonValueKind.Object)
            throw new RequestException($"arrays: one {RequestHead.Found(one)}");
        string name = Text(one, "name"), dtype = Text(one, "dtype");
        int size = dtype switch
        {
            Bytes8 => sizeof(byte),
            Float32 => sizeof(float),
            Int32 => sizeof(int),
            _ => throw new RequestException(
                $"{Brief.Name(name)}: dtype '{Brief.Name(dtype)}' (supported: {Bytes8}, {Float32}, "
                    + $"{Int32})"),
        };
        if (!one.TryGetProperty("shape", out JsonElement extents)
            || extents.ValueKind != JsonValueKind.Array || extents.GetArrayLength() > Wire.MostRank)
            throw new RequestException(
                $"{Brief.Name(name)}: needs shape, a list of at most {Wire.MostRank} numbers");
        List<int> shape = [];
        long bytes = size;
        foreach (JsonElement extent in extents.EnumerateArray())
        {
            if (extent.ValueKind != JsonValueKind.Number || !extent.TryGetInt32(out int n) || n < 0)
                throw new RequestException(
                    $"{Brief.Name(name)}: shape: {RequestHead.Found(extent)} (supported: 0 or "
                        + "more)");
            shape.Add(n);

            // Two factors below 2^31 fit; what is larger than a frame stays so.
            bytes = Math.Min(bytes * n, Wire.MostFrame + 1L);
        }

        // A later zero makes it empty again, whatever came before.
        if (shape.Contains(0)) bytes = 0;
        return bytes <= rest.Length
            ? new(name, dtype, [.. shape], rest[..(int)bytes])
            : throw new RequestException(
                $"{Brief.Name(name)}: {string.Join('x', shape)} {dtype} are more than the "
                    + $"{rest.Length} bytes left in the body");
    }

    private static string Text(JsonElement one, string key) =>
        one.TryGetProperty(key, out JsonElement value)
            ? RequestHead.TextOf(value, key)
            : throw new RequestException($"arrays: one has no {key}");
}

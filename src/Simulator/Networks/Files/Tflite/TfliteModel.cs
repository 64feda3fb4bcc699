using System.Buffers.Binary;

namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>Types of elements, by their numbers in the schema.</summary>
internal enum TfliteType
{
    /// <summary>32-bit reals.</summary>
    Float32 = 0,

    /// <summary>16-bit reals.</summary>
    Float16 = 1,

    /// <summary>32-bit whole numbers.</summary>
    Int32 = 2,

    /// <summary>Bytes without a sign.</summary>
    Uint8 = 3,

    /// <summary>64-bit whole numbers.</summary>
    Int64 = 4,

    /// <summary>16-bit whole numbers.</summary>
    Int16 = 7,

    /// <summary>Bytes with a sign.</summary>
    Int8 = 9,
}

/// <summary>A tensor of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its extents, the batch first.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Data">The values of a constant; empty of others.</param>
/// <param name="Scales">None, one, or one per element of an axis.</param>
/// <param name="ZeroPoints">As many.</param>
internal sealed record TfliteTensor(
    string Name, int[] Shape, TfliteType Type, ReadOnlyMemory<byte> Data, float[] Scales,
    long[] ZeroPoints)
{
    /// <summary>The axis that scales are along.</summary>
    public int Axis { get; init; }

    /// <summary>Whether it has values of its own.</summary>
    public bool IsConstant => !Data.IsEmpty;

    /// <summary>Width and sign of raw values; null of types that quantize nothing.</summary>
    public (int Bits, bool IsSigned)? Format => Type switch
    {
        TfliteType.Int8 => (8, true),
        TfliteType.Uint8 => (8, false),
        TfliteType.Int16 => (16, true),
        _ => null,
    };

    /// <summary>Bytes of an element; 0 where they are not known.</summary>
    public int ElementBytes => Type switch
    {
        TfliteType.Int8 or TfliteType.Uint8 => 1,
        TfliteType.Int16 or TfliteType.Float16 => 2,
        TfliteType.Int32 or TfliteType.Float32 => 4,
        TfliteType.Int64 => 8,
        _ => 0,
    };

    /// <summary>Whole numbers of a constant.</summary>
    public long[] Integers()
    {
        int bytes = ElementBytes;
        ReadOnlySpan<byte> data = Data.Span;
        long[] values = new long[data.Length / bytes];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> from = data[(i * bytes)..];
            values[i] = Type switch
            {
                TfliteType.Uint8 => from[0],
                TfliteType.Int8 => (sbyte)from[0],
                TfliteType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(from),
                TfliteType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(from),
                TfliteType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(from),
                _ => throw new InvalidOperationException($"{Type} is not a whole number"),
            };
        }

        return values;
    }

    /// <summary>Real numbers of a constant of float32 or float16.</summary>
    public float[] Reals()
    {
        int bytes = ElementBytes;
        ReadOnlySpan<byte> data = Data.Span;
        float[] values = new float[data.Length / bytes];
        for (int i = 0; i < values.Length; i++)
            values[i] = Type == TfliteType.Float16
                ? (float)BinaryPrimitives.ReadHalfLittleEndian(data[(i * bytes)..])
                : BinaryPrimitives.ReadSingleLittleEndian(data[(i * bytes)..]);
        return values;
    }
}

/// <summary>An operator of a model.</summary>
/// <param name="Index">Its place in the file.</param>
/// <param name="Code">Its number in the schema.</param>
/// <param name="Custom">The name of one that is not in the schema; else empty.</param>
/// <param name="Inputs">Tensors; -1 for one that is left out.</param>
/// <param name="Outputs">Tensors.</param>
/// <param name="Options">Its attributes; null where all are defaults.</param>
internal sealed record TfliteOperator(
    int Index, int Code, string Custom, int[] Inputs, int[] Outputs, FlatTable? Options)
{
    /// <summary>A whole number among its attributes.</summary>
    public int Option(int field, int bytes = 4, int fallback = 0) =>
        (int)(Options?.Integer(field, bytes, fallback) ?? fallback);

    /// <summary>Whether it has an input.</summary>
    public bool Has(int input) => input < Inputs.Length && Inputs[input] >= 0;
}

/// <summary>The first graph of a model.</summary>
/// <param name="Tensors">Every tensor.</param>
/// <param name="Inputs">Those that go in.</param>
/// <param name="Outputs">Those that come out.</param>
/// <param name="Operators">In the order in which they run.</param>
internal sealed record TfliteModel(
    TfliteTensor[] Tensors, int[] Inputs, int[] Outputs, TfliteOperator[] Operators)
{
    private const int MostTensors = 40_000;
    private const int MostExtents = 8;
    private const int MostOperands = 1024;

    /// <summary>Of all tensors together.</summary>
    private const int MostScales = 1 << 22;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or something else.</exception>
    public static TfliteModel Read(byte[] file)
    {
        if (file.Length < 8 || !file.AsSpan(4, 4).SequenceEqual("TFL3"u8))
            throw new InvalidDataException("is not a TensorFlow Lite model (no TFL3 in it)");
        FlatTable root = FlatTable.Root(file);
        FlatTable[] graphs = root.Tables(2, NetworkBytes.MostLayers);
        if (graphs.Length != 1)
            throw new InvalidDataException($"has {graphs.Length} graphs (supported: one)");
        FlatTable[] codes = root.Tables(1, NetworkBytes.MostLayers);
        FlatTable[] buffers = root.Tables(4, MostTensors);
        FlatTable graph = graphs[0];
        int scales = MostScales;
        TfliteTensor[] tensors =
        [
            .. graph.Tables(0, MostTensors).Select(t =>
            {
                TfliteTensor tensor = Tensor(t, buffers, scales);
                scales -= tensor.Scales.Length;
                return tensor;
            }),
        ];
        TfliteOperator[] operators =
        [
            .. graph.Tables(3, NetworkBytes.MostLayers).Select((o, i) =>
                Operator(o, i, codes, tensors.Length)),
        ];
        int[] inputs = graph.Integers(1, MostOperands);
        int[] outputs = graph.Integers(2, MostOperands);
        return inputs.Concat(outputs).All(t => t >= 0 && t < tensors.Length)
            ? new(tensors, inputs, outputs, operators)
            : throw new InvalidDataException("names a tensor that it does not have");
    }

    private static TfliteTensor Tensor(FlatTable table, FlatTable[] buffers, int mostScales)
    {
        long buffer = table.Integer(2, 4);
        if (buffer < 0 || buffer >= buffers.Length)
            throw new InvalidDataException("names a buffer that it does not have");
        ReadOnlyMemory<byte> data = buffers[buffer].Vector(0, 1);
        FlatTable? quantization = table.Table(4);
        float[] scales = [.. (quantization?.Integers(2, mostScales) ?? [])
            .Select(BitConverter.Int32BitsToSingle)];
        long[] zeros = quantization?.Longs(3, scales.Length) ?? [];
        if (zeros.Length == 0) zeros = new long[scales.Length];
        var tensor = new TfliteTensor(
            table.Text(3), table.Integers(0, MostExtents), (TfliteType)table.Integer(1, 1), data,
            scales, zeros)
        {
            Axis = (int)(quantization?.Integer(6, 4) ?? 0),
        };
        if (zeros.Length != scales.Length || scales.Any(s => !float.IsNormal(s) || s < 0)
            || zeros.Any(z => z is < short.MinValue or > ushort.MaxValue))
            throw new InvalidDataException(
                $"tensor '{Brief.Name(tensor.Name)}' has {scales.Length} scales and "
                    + $"{zeros.Length} zero points, or one that cannot be");
        if (tensor.Shape.Any(e => e < 0))
            throw new InvalidDataException(
                $"tensor '{Brief.Name(tensor.Name)}' has an extent below 0");
        return tensor.IsConstant && tensor.ElementBytes > 0
            && tensor.Shape.Aggregate((Int128)tensor.ElementBytes, (n, e) => n * e) != data.Length
                ? throw new InvalidDataException(
                    $"tensor '{Brief.Name(tensor.Name)}' has {data.Length} bytes for "
                        + $"[{string.Join(", ", tensor.Shape)}]")
                : tensor;
    }

    private static TfliteOperator Operator(
        FlatTable table, int index, FlatTable[] codes, int tensors)
    {
        long code = table.Integer(0, 4);
        if (code < 0 || code >= codes.Length)
            throw new InvalidDataException("names an operator that it does not have");

        // Files before and after the schema had more than 127 operators.
        long number = Math.Max(codes[code].Integer(0, 1), codes[code].Integer(3, 4));
        int[] inputs = table.Integers(1, MostOperands);
        int[] outputs = table.Integers(2, MostOperands);
        return inputs.All(t => t >= -1 && t < tensors) && inputs.Length > 0
            && outputs.All(t => t >= 0 && t < tensors) && outputs.Length > 0
                ? new(index, (int)number, codes[code].Text(1), inputs, outputs, table.Table(4))
                : throw new InvalidDataException("names a tensor that it does not have");
    }
}

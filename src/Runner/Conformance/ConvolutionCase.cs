using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Arrays;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Conformance;

/// <summary>
/// One quantized convolution as an npz states it: arrays <c>ID_x</c> (NCHW), <c>ID_w</c> (OIHW),
/// <c>ID_b</c> and <c>ID_y</c>, all scales and zero points in its row of <c>meta</c>.
/// </summary>
internal sealed class ConvolutionCase
{
    private static readonly string[] Keys =
    [
        "id",
        "stride",
        "padding",
        "dilation",
        "groups",
        "x_scale",
        "x_zero_point",
        "w_scale",
        "w_zero_point",
        "y_scale",
        "y_zero_point",
        "scale_order",
    ];

    private readonly NpyArray _x;
    private readonly NpyArray _w;
    private readonly NpyArray _y;
    private readonly NpyArray? _b;

    /// <exception cref="InputException">
    /// An array is missing or of the wrong kind, or a key is not understood.
    /// </exception>
    public ConvolutionCase(JsonRow row, IReadOnlyDictionary<string, NpyArray> arrays)
    {
        Row = row;
        row.AllowOnly(Keys);
        Id = row.Text("id", "");
        _x = Find(arrays, "x", 4, integer: true);
        _w = Find(arrays, "w", 4, integer: true);
        _y = Find(arrays, "y", 4, integer: true);
        _b = arrays.ContainsKey($"{Id}_b") ? Find(arrays, "b", 1, integer: false) : null;
        if (_y.Shape[0] != _x.Shape[0] || _y.Shape[1] != Outputs)
            throw row.Error(
                "id",
                $"{Id}_y has {_y.Shape[1]} channels of {_y.Shape[0]} images, not {Outputs} of "
                    + $"{Images}");
        if (_b is not null && _b.Length != Outputs)
            throw row.Error("id", $"{Id}_b has {_b.Length} values, not {Outputs}");
    }

    /// <summary>The row of <c>meta</c>.</summary>
    public JsonRow Row { get; }

    /// <summary>What its arrays are called by.</summary>
    public string Id { get; }

    /// <summary>How many images.</summary>
    public int Images => _x.Shape[0];

    /// <summary>Raw inputs.</summary>
    public long[] Inputs => _x.ToIntegers();

    private int Outputs => _w.Shape[0];

    /// <summary>Raw outputs as the file has them.</summary>
    public long[] Expected(QuantizedProgram program)
    {
        TensorShape shape = program.Output.Shape;
        return (_y.Shape[2], _y.Shape[3]) == (shape.Rows, shape.Columns)
            ? _y.ToIntegers()
            : throw Row.Error(
                "id",
                $"{Id}_y is {_y.Shape[2]}x{_y.Shape[3]} where the window gives "
                    + $"{shape.Rows}x{shape.Columns}");
    }

    /// <summary>
    /// The convolution alone: a 32-bit accumulator, one exact sum, then the float32 scale.
    /// </summary>
    /// <param name="order">
    /// In which order the float32 scale is computed; with oneDNN's, real biases stay float32 and
    /// there is one rounding behind the zero point.
    /// </param>
    public QuantizedProgram Program(ScaleOrder order)
    {
        WindowGeometry window = Window();
        TensorType input = Type(_x, "x", new(_x.Shape[1], _x.Shape[2], _x.Shape[3]));
        TensorType output = Type(
            _y, "y",
            new(Outputs, window.OutputRows(_x.Shape[2]), window.OutputColumns(_x.Shape[3])));
        if (_w.Shape[1] * window.Groups != _x.Shape[1])
            throw Row.Error(
                "id",
                $"{Id}_w takes {_w.Shape[1]} channels a group where {Id}_x has {_x.Shape[1]}");
        long zeroPoint = Row.Integer("w_zero_point", -255, 255, 0);
        MacLayer layer = new(
            "conv", [0], output, input, window,
            [.. _w.ToIntegers().Select(v => (int)(v - zeroPoint))],
            Bits(_w) + (zeroPoint == 0 ? 0 : 2), true,
            HasRealBias(order) ? [.. new long[Outputs]] : [.. Bias()], Unit(input.ZeroPoint),
            [.. Scales(order).Select(s => Requantize(s, output)).Select((r, c) =>
                order == ScaleOrder.Reciprocals ? OneDnn(r, c) : r)]);
        if (Bits(_w) == 8 && _w.Type[1] == 'u' && zeroPoint == 0)
            layer = layer with { WeightsSigned = false };
        return new(Id, new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [layer]);
    }

    private static MacSpec Unit(int zeroPoint) =>
        new()
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = 0,
            PartialAlign = 0,
            Update = ConversionSpec.Into(
                new FixedFormat(32, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Wrap),
            Lanes = 0,
            Order = ReductionOrder.ChannelFirst,
            Interleave = 1,
            When = AccumulatorUpdate.EveryUpdate,
            Bias = BiasPosition.First,
            InputOffset = zeroPoint,
        };

    private bool HasRealBias(ScaleOrder order) =>
        order == ScaleOrder.Reciprocals && _b is { IsInteger: false };

    private Requantization OneDnn(Requantization real, int channel) => real with
    {
        Kind = RequantizationKind.RealOnce,
        RealBias = HasRealBias(ScaleOrder.Reciprocals)
            ? (float)_b!.ToReals()[channel] * RequantizationScale.InverseStep(
                Row.Real("x_scale"), WeightScales()[channel])
            : 0,
    };

    private static Requantization Requantize(float scale, TensorType output) =>
        new()
        {
            Kind = RequantizationKind.Real,
            RealScale = scale,
            ZeroPoint = output.ZeroPoint,
            Output = ConversionSpec.Into(
                new FixedFormat(output.Bits, 0, output.IsSigned), 0, RoundingMode.NearestTiesToEven,
                OverflowMode.Saturate),
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };

    /// <summary>The order that the file names; null when it names none.</summary>
    public ScaleOrder? StatedOrder()
    {
        string name = Row.Text("scale_order", "");
        if (name.Length == 0) return null;
        foreach ((string known, ScaleOrder order) in RequantizationScale.OfFloat32)
            if (known == name) return order;
        string all = string.Join(", ", RequantizationScale.OfFloat32.Select(o => o.Name));
        throw Row.Error("scale_order", $"'{name}' is not a scale order (supported: {all})");
    }

    /// <summary>
    /// One scale per output channel; scales are float32 as frameworks store them.
    /// </summary>
    private float[] Scales(ScaleOrder order) =>
        [
            .. WeightScales()
                .Select(w => RequantizationScale.Of(
                    order, (float)Row.Real("x_scale"), w, (float)Row.Real("y_scale"))),
        ];

    private float[] WeightScales()
    {
        double[] scales = Row.Reals("w_scale");
        return scales.Length == 1 ? [.. Enumerable.Repeat((float)scales[0], Outputs)]
            : scales.Length == Outputs ? [.. scales.Select(s => (float)s)]
            : throw Row.Error("w_scale", $"{scales.Length} scales for {Outputs} channels");
    }

    /// <summary>Integers as they are; reals rounded to x_scale * w_scale.</summary>
    private IEnumerable<long> Bias()
    {
        if (_b is null) return Enumerable.Repeat(0L, Outputs);
        if (_b.IsInteger) return _b.ToIntegers();
        float[] inverse = [.. WeightScales().Select(w => 1f / (float)(w * Row.Real("x_scale")))];
        return _b.ToReals()
            .Select((b, i) => (long)MathF.Round((float)b * inverse[i], MidpointRounding.ToEven));
    }

    private WindowGeometry Window()
    {
        (int strideRows, int strideColumns) = Pair("stride", 1, 1);
        (int dilationRows, int dilationColumns) = Pair("dilation", 1, 1);
        int[] padding = Row.SmallIntegers("padding", 0, 0);
        int groups = (int)Row.Integer("groups", 1, 1 << 20, 1);
        (int top, int left, int bottom, int right) = padding switch
        {
            [int all] => (all, all, all, all),
            [int rows, int columns] => (rows, columns, rows, columns),
            [int t, int l, int b, int r] => (t, l, b, r),
            _ => throw Row.Error(
                "padding",
                "1, 2 (rows, columns) or 4 numbers (top, left, bottom, right) are needed"),
        };
        return new(
            _w.Shape[2], _w.Shape[3], strideRows, strideColumns, top, left, bottom, right,
            dilationRows, dilationColumns, groups);
    }

    private (int Rows, int Columns) Pair(string key, int otherwise, int least) =>
        Row.SmallIntegers(key, otherwise, least) switch
        {
            [int both] => (both, both),
            [int rows, int columns] => (rows, columns),
            _ => throw Row.Error(key, "1 or 2 numbers (rows, columns) are needed"),
        };

    private TensorType Type(NpyArray array, string name, TensorShape shape) => new(
        shape, Bits(array), array.Type[1] == 'i', Row.Real($"{name}_scale"),
        (int)Row.Integer($"{name}_zero_point", -(1 << 15), 1 << 16, 0));

    private static int Bits(NpyArray array) => 8 * (array.Type[2] - '0');

    private NpyArray Find(
        IReadOnlyDictionary<string, NpyArray> arrays, string name, int rank, bool integer) =>
        !arrays.TryGetValue($"{Id}_{name}", out NpyArray? array)
            ? throw Row.Error("id", $"there is no array {Id}_{name}")
        : array.Shape.Length != rank
            ? throw Row.Error("id", $"{Id}_{name} has {array.Shape.Length} dimensions, not {rank}")
        : integer && (!array.IsInteger || Bits(array) > 16)
            ? throw Row.Error(
                "id", $"{Id}_{name} holds '{array.Type}' where integers of 8 or 16 bits are needed")
        : array;
}

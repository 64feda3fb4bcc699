namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// Writes models of TensorFlow Lite, and computes them by <see cref="TfliteReference"/>: channels
/// last, int8.
/// </summary>
internal sealed partial class TfliteTestModel
{
    private readonly Random _random;
    private readonly List<FlatNode> _tensors = [];
    private readonly List<FlatNode> _buffers = [[]];
    private readonly List<FlatNode> _operators = [];
    private readonly List<int> _codes = [];
    private readonly List<(TestTensor Output, Func<int[][], int[]> Compute)> _steps = [];
    private readonly TestTensor _input;
    private readonly bool _isUnsigned;
    private readonly FloatForm? _floats;

    public TfliteTestModel(int seed, params int[] input)
        : this(seed, isUnsigned: false, (1 / 255f, -128), input)
    {
    }

    /// <summary>With an input of any format.</summary>
    /// <param name="seed">Of weights and scales.</param>
    /// <param name="isUnsigned">Everything in uint8, zero points 128 higher.</param>
    /// <param name="format">The input's scale and zero point.</param>
    /// <param name="input">Its extents.</param>
    /// <param name="floats">How a float model has its weights; null of integers.</param>
    public TfliteTestModel(
        int seed, bool isUnsigned, (float Scale, int Zero) format, int[] input,
        FloatForm? floats = null)
    {
        (_random, _isUnsigned, _floats) = (new(seed), isUnsigned, floats);
        _input = Tensor(input, format.Scale, format.Zero);
    }

    public TestTensor Input => _input;

    /// <summary>The file.</summary>
    public byte[] Write(TestTensor output) => FlatWriter.Write(new()
    {
        [0] = 3,
        [1] = _codes.Select(c => new FlatNode { [0] = (byte)Math.Min(c, 127), [3] = c }).ToArray(),
        [2] = new FlatNode[]
        {
            new()
            {
                [0] = _tensors.ToArray(),
                [1] = new[] { _input.Index },
                [2] = new[] { output.Index },
                [3] = _operators.ToArray(),
            },
        },
        [4] = _buffers.ToArray(),
    }, "TFL3");

    /// <summary>Raw values of a tensor for raw values of the input.</summary>
    public int[] Run(int[] input, TestTensor output)
    {
        int[][] values = new int[_tensors.Count][];
        values[_input.Index] = input;
        foreach ((TestTensor made, Func<int[][], int[]> compute) in _steps)
            values[made.Index] = compute(values);
        return values[output.Index];
    }

    /// <summary>A new tensor that depends on the image.</summary>
    public TestTensor Tensor(int[] shape, float scale, int zero)
    {
        if (_isUnsigned) zero += 128;
        FlatNode tensor = Named((byte)(_floats is not null ? 0 : _isUnsigned ? 3 : 9), shape, 0);
        if (_floats is null)
            tensor[4] = new FlatNode { [2] = new[] { scale }, [3] = new long[] { zero } };
        return new(_tensors.Count - 1, shape, scale, zero) { IsUnsigned = _isUnsigned };
    }

    private TestTensor Alike(TestTensor x, int[] shape) =>
        Tensor(shape, x.Scale, x.Zero - (_isUnsigned ? 128 : 0));

    private static FlatNode MacOptions(
        int code, int multiplier, int stride, bool isSame, int activation)
    {
        if (code == 9) return new() { [0] = (byte)activation };
        FlatNode options = new() { [0] = Padding(isSame), [1] = stride, [2] = stride };
        if (code == 4) options[3] = multiplier;
        options[code == 4 ? 4 : 3] = (byte)activation;
        return options;
    }

    /// <summary>CONV_2D, DEPTHWISE_CONV_2D or FULLY_CONNECTED with random weights.</summary>
    public TestTensor Mac(
        int code, TestTensor x, int outputs, int kernel, int stride, bool isSame, int activation,
        float range = 1, (byte Type, long Zero)? shared = null)
    {
        bool isDense = code == 9, isDepthwise = code == 4;
        int depth = isDense ? x.Length : isDepthwise ? 1 : x.Channels, taps = kernel * kernel;
        int[] raw = [.. Enumerable.Range(0, outputs * taps * depth).Select(_ =>
            _random.Next(-127, 128))];
        if (_isUnsigned) shared ??= (3, 128 + _random.Next(-20, 20));
        int many = isDense || shared is not null ? 1 : outputs;
        float[] scales = [.. Enumerable.Range(0, many).Select(_ =>
            0.004f * (0.5f + _random.NextSingle()))];
        int[] bias = [.. Enumerable.Range(0, outputs).Select(_ => _random.Next(-2000, 2000))];
        int rows = Extent(x.Rows, kernel, stride, isSame),
            columns = Extent(x.Columns, kernel, stride, isSame);
        float scale = range * x.Scale * 0.004f * MathF.Sqrt(depth * taps) * (35 + _random.Next(20));
        TestTensor y = Tensor(
            isDense ? [1, outputs] : [1, rows, columns, outputs], scale, _random.Next(-40, 40));
        int[] shape = isDense ? [outputs, depth]
            : isDepthwise ? [1, kernel, kernel, outputs]
            : [outputs, kernel, kernel, depth];
        Operator(
            code, [x.Index, Constant(
                shape, shared?.Type ?? 9,
                [.. raw.Select(r => (byte)(_isUnsigned ? r + 128 : (sbyte)r))], scales,
                isDepthwise ? 3 : 0, shared?.Zero ?? 0, isWeight: true),
                Constant(
                    [outputs], 2, [.. bias.SelectMany(BitConverter.GetBytes)],
                    [.. scales.Select(s => s * x.Scale)], 0)],
            y.Index, MacOptions(code, outputs / x.Channels, stride, isSame, activation));
        int top = isSame ? Math.Max(((rows - 1) * stride) + kernel - x.Rows, 0) / 2 : 0;
        int left = isSame ? Math.Max(((columns - 1) * stride) + kernel - x.Columns, 0) / 2 : 0;
        (int, int)[] multipliers = [.. scales.Select(s => TfliteReference.Multiplier(
            (isDense || _isUnsigned ? (double)(x.Scale * s) : (double)x.Scale * s) / y.Scale))];
        int off = _isUnsigned ? 128 - (int)shared!.Value.Zero : 0;
        Step(y, values => Each(y, (r, c, o) =>
        {
            int sum = bias[o];
            for (int i = 0; i < (isDense ? 1 : kernel); i++)
                for (int j = 0; j < (isDense ? 1 : kernel); j++)
                {
                    int row = (r * stride) + i - top, column = (c * stride) + j - left;
                    if (!isDense && (row < 0 || column < 0 || row >= x.Rows
                        || column >= x.Columns)) continue;
                    for (int d = 0; d < depth; d++)
                    {
                        int channel = isDepthwise ? o / (outputs / x.Channels) : d;
                        int at = isDense
                            ? d
                            : (((row * x.Columns) + column) * x.Channels) + channel;
                        int w = isDepthwise ? raw[(((i * kernel) + j) * outputs) + o]
                            : raw[(((((o * kernel) + i) * kernel) + j) * depth) + d];
                        sum += (values[x.Index][at] - x.Zero) * (w + off);
                    }
                }

            return TfliteReference.Fit(
                TfliteReference.Scaled(sum, multipliers[many == 1 ? 0 : o]) + y.Zero, y,
                activation);
        }));
        return y;
    }

    /// <summary>ADD.</summary>
    public TestTensor Add(TestTensor a, TestTensor b, int activation)
    {
        TestTensor y = Tensor(a.Shape, (a.Scale + b.Scale) * 0.7f, 3);
        Operator(0, [a.Index, b.Index], y.Index, new() { [0] = (byte)activation });
        double twice = 2 * (double)Math.Max(a.Scale, b.Scale);
        (int, int) first = TfliteReference.Multiplier(a.Scale / twice),
            second = TfliteReference.Multiplier(b.Scale / twice),
            last = TfliteReference.Multiplier(twice / ((1 << 20) * (double)y.Scale));
        Step(y, values => [.. values[a.Index].Zip(values[b.Index], (p, q) => TfliteReference.Fit(
            TfliteReference.Scaled(
                TfliteReference.Scaled((p - a.Zero) << 20, first)
                    + TfliteReference.Scaled((q - b.Zero) << 20, second), last) + y.Zero,
            y, activation))]);
        return y;
    }

    /// <summary>MUL.</summary>
    public TestTensor Multiply(TestTensor a, TestTensor b)
    {
        TestTensor y = Tensor(a.Shape, a.Scale * b.Scale * 40, -5);
        Operator(18, [a.Index, b.Index], y.Index, []);
        (int, int) by = TfliteReference.Multiplier(a.Scale * b.Scale / y.Scale);
        Step(y, values => [.. values[a.Index].Zip(values[b.Index], (p, q) => TfliteReference.Fit(
            TfliteReference.Scaled((p - a.Zero) * (q - b.Zero), by) + y.Zero, y, 0))]);
        return y;
    }

    /// <summary>Other operators: RESHAPE, SOFTMAX, TANH, or unknown ones.</summary>
    public TestTensor Other(int code, TestTensor x, int[] shape, float scale, int zero,
        Func<int, int> compute)
    {
        TestTensor y = Tensor(shape, scale, zero);
        Operator(code, [x.Index], y.Index, code switch
        {
            22 => new() { [0] = shape },
            25 => new() { [0] = 1f },
            _ => [],
        });
        Step(y, values => [.. values[x.Index].Select(compute)]);
        return y;
    }

    private static byte Padding(bool isSame) => (byte)(isSame ? 0 : 1);

    private static int Extent(int extent, int kernel, int stride, bool isSame) =>
        isSame ? (extent + stride - 1) / stride : ((extent - kernel) / stride) + 1;

    private static int[] Each(TestTensor y, Func<int, int, int, int> value) =>
    [
        .. from r in Enumerable.Range(0, y.Rows)
           from c in Enumerable.Range(0, y.Columns)
           from o in Enumerable.Range(0, y.Channels)
           select value(r, c, o),
    ];

    private void Step(TestTensor output, Func<int[][], int[]> compute) =>
        _steps.Add((output, compute));

    private int Constant(
        int[] shape, byte type, byte[] data, float[] scales, int axis, long zero = 0,
        bool isWeight = false)
    {
        if (_floats is not null && scales.Length > 0
            && !(_floats == FloatForm.Int8Weights && isWeight))
            return Real(shape, type, data, scales, axis, zero);
        FlatNode tensor = Named(type, shape, Buffer(data));
        if (scales.Length > 0)
            tensor[4] = new FlatNode
            {
                [2] = scales,
                [3] = scales.Select(_ => zero).ToArray(),
                [6] = axis,
            };
        return _tensors.Count - 1;
    }

    private int Buffer(byte[] data)
    {
        _buffers.Add(new() { [0] = data });
        return _buffers.Count - 1;
    }

    private FlatNode Named(byte type, int[] shape, int buffer)
    {
        _tensors.Add(new()
        {
            [0] = shape,
            [1] = type,
            [2] = buffer,
            [3] = $"t{_tensors.Count}",
        });
        return _tensors[^1];
    }

    private void Operator(int code, int[] inputs, int output, FlatNode options) =>
        Operator(code, inputs, [output], options);

    private void Operator(int code, int[] inputs, int[] outputs, FlatNode options)
    {
        if (!_codes.Contains(code)) _codes.Add(code);
        _operators.Add(new()
        {
            [0] = _codes.IndexOf(code),
            [1] = inputs,
            [2] = outputs,
            [3] = OptionsOf(code),
            [4] = options,
        });
    }
}

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// Writes models of TensorFlow Lite, and computes them by <see cref="TfliteReference"/>: channels
/// last, int8.
/// </summary>
internal sealed class TfliteTestModel
{
    private readonly Random _random;
    private readonly List<FlatNode> _tensors = [];
    private readonly List<FlatNode> _buffers = [[]];
    private readonly List<FlatNode> _operators = [];
    private readonly List<int> _codes = [];
    private readonly List<(TestTensor Output, Func<int[][], int[]> Compute)> _steps = [];
    private readonly TestTensor _input;

    public TfliteTestModel(int seed, params int[] input)
    {
        _random = new(seed);
        _input = Tensor(input, 1 / 255f, -128);
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
        _tensors.Add(new()
        {
            [0] = shape,
            [1] = (byte)9,
            [2] = 0,
            [3] = $"t{_tensors.Count}",
            [4] = new FlatNode { [2] = new[] { scale }, [3] = new long[] { zero } },
        });
        return new(_tensors.Count - 1, shape, scale, zero);
    }

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
                shape, shared?.Type ?? 9, [.. raw.Select(r => (byte)(sbyte)r)], scales,
                isDepthwise ? 3 : 0, shared?.Zero ?? 0),
                Constant([outputs], 2, [.. bias.SelectMany(BitConverter.GetBytes)], [], 0)],
            y.Index, MacOptions(code, outputs / x.Channels, stride, isSame, activation));
        int top = isSame ? Math.Max(((rows - 1) * stride) + kernel - x.Rows, 0) / 2 : 0;
        int left = isSame ? Math.Max(((columns - 1) * stride) + kernel - x.Columns, 0) / 2 : 0;
        (int, int)[] multipliers = [.. scales.Select(s => TfliteReference.Multiplier(
            (isDense ? (double)(x.Scale * s) : (double)x.Scale * s) / y.Scale))];
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
                        sum += (values[x.Index][at] - x.Zero) * w;
                    }
                }

            return TfliteReference.Fit(
                TfliteReference.Scaled(sum, multipliers[isDense ? 0 : o]) + y.Zero, y, activation);
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

    /// <summary>CONCATENATION of a tensor with itself, along the channels.</summary>
    public TestTensor Twice(TestTensor x)
    {
        TestTensor y = Tensor([.. x.Shape[..^1], 2 * x.Channels], x.Scale, x.Zero);
        Operator(2, [x.Index, x.Index], y.Index, new() { [0] = 3 });
        Step(y, values => Each(y, (r, c, o) =>
            values[x.Index][(((r * x.Columns) + c) * x.Channels) + (o % x.Channels)]));
        return y;
    }

    /// <summary>MAX_POOL_2D or AVERAGE_POOL_2D.</summary>
    public TestTensor Pool(TestTensor x, bool isMax, int kernel, int stride, bool isSame)
    {
        int rows = Extent(x.Rows, kernel, stride, isSame),
            columns = Extent(x.Columns, kernel, stride, isSame);
        TestTensor y = Tensor([1, rows, columns, x.Channels], x.Scale, x.Zero);
        Operator(isMax ? 17 : 1, [x.Index], y.Index, new()
        {
            [0] = Padding(isSame),
            [1] = stride,
            [2] = stride,
            [3] = kernel,
            [4] = kernel,
        });
        int top = isSame ? Math.Max(((rows - 1) * stride) + kernel - x.Rows, 0) / 2 : 0;
        int left = isSame ? Math.Max(((columns - 1) * stride) + kernel - x.Columns, 0) / 2 : 0;
        Step(y, values => Each(y, (r, c, o) =>
        {
            int[] seen =
            [
                .. from i in Enumerable.Range((r * stride) - top, kernel)
                   from j in Enumerable.Range((c * stride) - left, kernel)
                   where i >= 0 && j >= 0 && i < x.Rows && j < x.Columns
                   select values[x.Index][(((i * x.Columns) + j) * x.Channels) + o],
            ];
            return isMax ? seen.Max() : TfliteReference.Quotient(seen.Sum(), seen.Length);
        }));
        return y;
    }

    /// <summary>PAD by one row and column on each side.</summary>
    public TestTensor Pad(TestTensor x)
    {
        TestTensor y = Tensor([1, x.Rows + 2, x.Columns + 2, x.Channels], x.Scale, x.Zero);
        int[] pads = [0, 0, 1, 1, 1, 1, 0, 0];
        Operator(34, [x.Index, Constant(
            [4, 2], 2, [.. pads.SelectMany(BitConverter.GetBytes)], [], 0)], y.Index, []);
        Step(y, values => Each(y, (r, c, o) =>
            r == 0 || c == 0 || r > x.Rows || c > x.Columns
                ? x.Zero
                : values[x.Index][((((r - 1) * x.Columns) + c - 1) * x.Channels) + o]));
        return y;
    }

    /// <summary>MEAN over rows and columns, numbers of another type where it is given.</summary>
    public TestTensor Mean(TestTensor x, byte axesType = 2)
    {
        TestTensor y = Tensor([1, x.Channels], x.Scale * 0.6f, 7);
        Operator(40, [x.Index, Constant(
            [2], axesType, [1, 0, 0, 0, 2, 0, 0, 0], [], 0)], y.Index, []);
        int count = x.Rows * x.Columns;
        (int multiplier, int shift) = TfliteReference.Multiplier((double)x.Scale / y.Scale);
        int more = Math.Min((int)Math.Log2(count), 31 + shift);
        (int, int) by = ((int)(((long)multiplier << more) / count), shift - more);
        Step(y, values => [.. Enumerable.Range(0, x.Channels).Select(o => TfliteReference.Fit(
            TfliteReference.Scaled(
                Enumerable.Range(0, count).Sum(i =>
                    values[x.Index][(i * x.Channels) + o] - x.Zero), by) + y.Zero, y, 0))]);
        return y;
    }

    /// <summary>Other operators: RESHAPE, SOFTMAX, TANH, or unknown ones.</summary>
    public TestTensor Other(int code, TestTensor x, int[] shape, float scale, int zero,
        Func<int, int> compute)
    {
        TestTensor y = Tensor(shape, scale, zero);
        Operator(code, [x.Index], y.Index, code == 25 ? new() { [0] = 1f } : []);
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
        int[] shape, byte type, byte[] data, float[] scales, int axis, long zero = 0)
    {
        _buffers.Add(new() { [0] = data });
        FlatNode tensor = new()
        {
            [0] = shape,
            [1] = type,
            [2] = _buffers.Count - 1,
            [3] = $"c{_tensors.Count}",
        };
        if (scales.Length > 0)
            tensor[4] = new FlatNode
            {
                [2] = scales,
                [3] = scales.Select(_ => zero).ToArray(),
                [6] = axis,
            };
        _tensors.Add(tensor);
        return _tensors.Count - 1;
    }

    private void Operator(int code, int[] inputs, int output, FlatNode options)
    {
        if (!_codes.Contains(code)) _codes.Add(code);
        _operators.Add(new()
        {
            [0] = _codes.IndexOf(code),
            [1] = inputs,
            [2] = new[] { output },
            [3] = (byte)1,
            [4] = options,
        });
    }
}

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>Operators without weights.</summary>
internal sealed partial class TfliteTestModel
{
    /// <summary>Where the schema's union of options has an operator's.</summary>
    private static byte OptionsOf(int code) => code switch
    {
        0 => 11,
        1 or 17 => 5,
        2 => 10,
        3 => 1,
        4 => 2,
        5 => 94,
        9 => 8,
        18 => 21,
        22 => 17,
        25 => 9,
        26 => 19,
        34 => 22,
        39 => 26,
        40 or 82 => 27,
        41 => 28,
        45 => 32,
        49 => 35,
        55 or 57 => 39,
        65 => 48,
        97 => 74,
        98 => 75,
        100 => 77,
        101 => 78,
        102 => 79,
        114 => 89,
        117 => 91,
        150 => 116,
        _ => 0,
    };

    /// <summary>CONCATENATION of a tensor with itself, along the channels.</summary>
    public TestTensor Twice(TestTensor x)
    {
        TestTensor y = Alike(x, [.. x.Shape[..^1], 2 * x.Channels]);
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
        TestTensor y = Alike(x, [1, rows, columns, x.Channels]);
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
        TestTensor y = Alike(x, [1, x.Rows + 2, x.Columns + 2, x.Channels]);
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
    public TestTensor Mean(TestTensor x, byte axesType = 2, bool isKept = false)
    {
        TestTensor y = Tensor(
            isKept ? [1, 1, 1, x.Channels] : [1, x.Channels], x.Scale * 0.6f, 7);
        Operator(40, [x.Index, Constant(
            [2], axesType, [1, 0, 0, 0, 2, 0, 0, 0], [], 0)], y.Index, new()
            {
                [0] = (byte)(isKept ? 1 : 0),
            });
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

    /// <summary>QUANTIZE into another format.</summary>
    public TestTensor Requantize(TestTensor x, float scale, int zero)
    {
        TestTensor y = Tensor(x.Shape, scale, zero);
        Operator(114, [x.Index], y.Index, []);
        (int, int) by = TfliteReference.Multiplier((double)x.Scale / y.Scale);
        Step(y, values => [.. values[x.Index].Select(v => TfliteReference.Fit(
            TfliteReference.Scaled(v - x.Zero, by) + y.Zero, y, 0))]);
        return y;
    }

    /// <summary>RESHAPE.</summary>
    public TestTensor Reshape(TestTensor x, int[] shape) =>
        Other(22, x, shape, x.Scale, x.Zero - (_isUnsigned ? 128 : 0), v => v);

    /// <summary>SOFTMAX: what comes of it is not computed here.</summary>
    public TestTensor Softmax(TestTensor x) => Known(25, x, v => v);

    /// <summary>LOGISTIC or TANH: what comes of it is not computed here.</summary>
    public TestTensor Table(int code, TestTensor x) => Known(code, x, v => v);

    /// <summary>Operators on all values of an image, from outputs that are known.</summary>
    public TestTensor Known(int code, TestTensor x, Func<int[], int[]> compute)
    {
        TestTensor y = Tensor(
            x.Shape, code == 28 ? 1 / 128f : 1 / 256f, code == 28 ? 0 : -128);
        Operator(code, [x.Index], y.Index, code == 25 ? new() { [0] = 1f } : []);
        Step(y, values => compute(values[x.Index]));
        return y;
    }
}

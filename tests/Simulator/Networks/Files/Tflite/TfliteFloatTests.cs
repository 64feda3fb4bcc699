using System.Runtime.InteropServices;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Tflite;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// Float models of TensorFlow Lite against plain loops in float64, channels last as the format has
/// them.
/// </summary>
public class TfliteFloatTests
{
    private readonly Random _random = new(8);
    private readonly List<FlatNode> _tensors = [];
    private readonly List<FlatNode> _buffers = [[]];
    private readonly List<FlatNode> _operators = [];
    private readonly List<int> _codes = [];

    /// <summary>Convolutions, LOGISTIC, MUL, AVERAGE_POOL_2D, a matrix and TANH.</summary>
    [Fact]
    public void Run_FloatModel_IsPlainLoops()
    {
        float[] first = Reals(3 * 9 * 2), deep = Reals(9 * 3), dense = Reals(4 * 12);
        float[] bias = Reals(3), shift = Reals(4);
        int x = Tensor(1, 5, 4, 2), conv = Tensor(1, 5, 4, 3), each = Tensor(1, 5, 4, 3);
        int gate = Tensor(1, 5, 4, 3), product = Tensor(1, 5, 4, 3), pool = Tensor(1, 2, 2, 3);
        int flat = Tensor(1, 12), y = Tensor(1, 4), last = Tensor(1, 4);
        Add(3, [x, Constant(first, 3, 3, 3, 2), Constant(bias, 3)], conv, new()
        {
            [0] = (byte)0,
            [1] = 1,
            [2] = 1,
            [3] = (byte)1,
        });
        Add(4, [conv, Constant(deep, 1, 3, 3, 3)], each, new()
        {
            [0] = (byte)0,
            [1] = 1,
            [2] = 1,
            [3] = 1,
            [4] = (byte)0,
        });
        Add(14, [each], gate, []);
        Add(18, [conv, gate], product, new() { [0] = (byte)0 });
        Add(1, [product], pool, new()
        {
            [0] = (byte)1,
            [1] = 2,
            [2] = 2,
            [3] = 2,
            [4] = 2,
        });
        Add(22, [pool], flat, []);
        Add(9, [flat, Constant(dense, 4, 12), Constant(shift, 4)], y, new() { [0] = (byte)0 });
        Add(28, [y], last, []);
        float[] image = Reals(5 * 4 * 2);

        double[] a = Window(image, 2, 3, (o, t, d) => first[(((o * 9) + t) * 2) + d], bias);
        a = [.. a.Select(v => Math.Max(v, 0))];
        double[] b = Window(
            a, 3, 3, (o, t, d) => d == o ? deep[(t * 3) + o] : 0, new float[3]);
        double[] c = [.. a.Zip(b, (v, g) => v / (1 + Math.Exp(-g)))];
        double[] p =
        [
            .. from r in Enumerable.Range(0, 2)
               from q in Enumerable.Range(0, 2)
               from o in Enumerable.Range(0, 3)
               select (At(c, 2 * r, 2 * q, o) + At(c, 2 * r, (2 * q) + 1, o)
                   + At(c, (2 * r) + 1, 2 * q, o) + At(c, (2 * r) + 1, (2 * q) + 1, o)) / 4,
        ];
        double[] wanted = [.. Enumerable.Range(0, 4).Select(o => Math.Tanh(
            shift[o] + p.Select((v, k) => v * dense[(o * 12) + k]).Sum()))];

        float[] found = Run(image, last);
        Assert.Equal(4, found.Length);
        for (int i = 0; i < 4; i++) Assert.Equal(wanted[i], found[i], 1e-6);

        double At(double[] values, int row, int column, int channel) =>
            values[(((row * 4) + column) * 3) + channel];
    }

    /// <summary>A 3x3 window over 5x4 positions with zeros around, channels last.</summary>
    private static double[] Window<T>(
        T[] x, int depth, int outputs, Func<int, int, int, float> weight, float[] bias)
        where T : IConvertible =>
    [
        .. from row in Enumerable.Range(0, 5)
           from column in Enumerable.Range(0, 4)
           from o in Enumerable.Range(0, outputs)
           select bias[o] + (
               from t in Enumerable.Range(0, 9)
               let r = row + (t / 3) - 1
               let c = column + (t % 3) - 1
               where r is >= 0 and < 5 && c is >= 0 and < 4
               from d in Enumerable.Range(0, depth)
               select weight(o, t, d)
                   * x[(((r * 4) + c) * depth) + d].ToDouble(null)).Sum(),
    ];

    private float[] Run(float[] image, int output)
    {
        FloatNetwork network = TfliteImporter.Import(Write(output), "f.tflite", null);
        Assert.False(network.IsQuantized);
        float[] pixels =
            [.. Enumerable.Range(0, image.Length).Select(i => image[(i % 20 * 2) + (i / 20)])];
        return FloatForward.Run(network, pixels)[^1];
    }

    private float[] Reals(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => _random.NextSingle() - 0.5f)];

    private int Tensor(params int[] shape)
    {
        _tensors.Add(new()
        {
            [0] = shape,
            [1] = (byte)0,
            [2] = 0,
            [3] = $"t{_tensors.Count}",
        });
        return _tensors.Count - 1;
    }

    private int Constant(float[] values, params int[] shape)
    {
        _buffers.Add(new() { [0] = MemoryMarshal.AsBytes(values.AsSpan()).ToArray() });
        int tensor = Tensor(shape);
        _tensors[tensor][2] = _buffers.Count - 1;
        return tensor;
    }

    private void Add(int code, int[] inputs, int output, FlatNode options)
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

    private byte[] Write(int output) => FlatWriter.Write(new()
    {
        [0] = 3,
        [1] = _codes.Select(c => new FlatNode { [0] = (byte)c, [3] = c }).ToArray(),
        [2] = new FlatNode[]
        {
            new()
            {
                [0] = _tensors.ToArray(),
                [1] = new[] { 0 },
                [2] = new[] { output },
                [3] = _operators.ToArray(),
            },
        },
        [4] = _buffers.ToArray(),
    }, "TFL3");
}

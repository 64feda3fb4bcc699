using System.Runtime.Intrinsics.X86;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Units;

/// <summary>
/// Units of onnxruntime-qlinear against ONNX Runtime itself, run here: every raw value, or every
/// pair of them.
/// </summary>
public class OnnxRuntimeUnitTests
{
    private const string Profile = "onnxruntime-qlinear";

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 6)];

    [SkippableTheory]
    [MemberData(nameof(Seeds))]
    public void QLinearAdd_EveryPair_IsOnnxRuntimes(int seed)
    {
        Skip.IfNot(
            Avx2.IsSupported && Fma.IsSupported, "its AVX2 kernel needs AVX2 and FMA");
        var random = new Random(seed);
        (float, int) a = Scale(random), b = Scale(random), y = Scale(random);
        if (seed == 0) (a.Item1, b.Item1, y.Item1) = (0.5f, 0.25f, 1);
        byte[] first = [.. OneUnit.Pairs.Select(p => p.A)];
        byte[] second = [.. OneUnit.Pairs.Select(p => p.B)];
        int[] extents = [first.Length];
        byte[] expected = OrtNode.Run<byte>(
            "QLinearAdd", true, [],
            (first, extents), OrtNode.Scalar(a.Item1), OrtNode.Scalar((byte)a.Item2),
            (second, extents), OrtNode.Scalar(b.Item1), OrtNode.Scalar((byte)b.Item2),
            OrtNode.Scalar(y.Item1), OrtNode.Scalar((byte)y.Item2));
        AddLayer add = OneUnit.Add(Profile, a, b, y);
        byte[] actual = [.. OneUnit.Pairs.Select(p => (byte)OneUnit.Of(add, p.A, p.B))];
        Assert.Equal(expected, actual);
    }

    /// <summary>Windows, whose real values it sums, and whole images, whose integers.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void QLinearAveragePool_IsOnnxRuntimes(int seed)
    {
        const int Windows = 500;
        var random = new Random(seed);
        (int rows, int columns) = new[] { (2, 2), (3, 3), (1, 3), (4, 4), (5, 5), (6, 7) }[seed];
        (float Scale, int Zero) x = Scale(random);
        int count = rows * columns;
        var raw = new byte[Windows * count];
        random.NextBytes(raw);
        var scales = new[]
        {
            OrtNode.Scalar(x.Scale), OrtNode.Scalar((byte)x.Zero),
            OrtNode.Scalar(x.Scale), OrtNode.Scalar((byte)x.Zero),
        };
        (Array, int[])? images = (raw, [Windows, 1, rows, columns]);
        byte[] global = OrtNode.Run<byte>(
            "QLinearGlobalAveragePool", true, [], [images, .. scales]);
        (Array, int[])? padded = (
            raw.Chunk(count).SelectMany(w => w.Concat(new byte[count])).ToArray(),
            [Windows, 1, 2 * rows, columns]);
        byte[] first = [.. OrtNode.Run<byte>(
            "QLinearAveragePool", true,
            [("kernel_shape", [rows, columns], true), ("strides", [rows, columns], true)],
            [padded, .. scales]).Where((_, i) => i % 2 == 0)];
        Assert.Equal(global, Means(isWholeImage: true));
        Assert.Equal(first, Means(isWholeImage: false));

        IEnumerable<byte> Means(bool isWholeImage) => raw.Chunk(count).Select(w =>
            (byte)OneUnit.Average(
                Profile, rows, columns, TensorScale.Real(x.Scale, x.Zero),
                [.. w.Select(v => (long)v)], isWholeImage));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void QLinearConcat_EveryValue_IsOnnxRuntimes(int seed)
    {
        var random = new Random(seed);
        (float, int) x = Scale(random), y = Scale(random);
        byte[] raw = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        byte[] expected = OrtNode.Run<byte>(
            "QLinearConcat", true, [("axis", [0], false)],
            OrtNode.Scalar(y.Item1), OrtNode.Scalar((byte)y.Item2),
            (raw, [256]), OrtNode.Scalar(x.Item1), OrtNode.Scalar((byte)x.Item2));
        ConcatPart part = OneUnit.Concat(Profile, x, y);
        Assert.Equal(expected, raw.Select(v => (byte)OneUnit.Of(part, v)));
    }

    /// <summary>Also where products lie halfway between two raw values.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void QLinearMul_EveryPair_IsOnnxRuntimes(int seed)
    {
        var random = new Random(seed);
        (float, int) a = Scale(random), b = Scale(random);
        (float, int) y = (a.Item1 * b.Item1 * (12 + seed), random.Next(256));
        if (seed == 0) (a.Item1, b.Item1, y.Item1) = (0.5f, 0.25f, 1);
        byte[] first = [.. OneUnit.Pairs.Select(p => p.A)];
        byte[] second = [.. OneUnit.Pairs.Select(p => p.B)];
        int[] extents = [first.Length];
        byte[] expected = OrtNode.Run<byte>(
            "QLinearMul", true, [],
            (first, extents), OrtNode.Scalar(a.Item1), OrtNode.Scalar((byte)a.Item2),
            (second, extents), OrtNode.Scalar(b.Item1), OrtNode.Scalar((byte)b.Item2),
            OrtNode.Scalar(y.Item1), OrtNode.Scalar((byte)y.Item2));
        Requantization unit = OneUnit.Multiply(Profile, a, b, y, isOwn: true);
        byte[] actual = [.. OneUnit.Pairs.Select(p => (byte)OneUnit.Of(
            unit, (p.A - a.Item2) * (p.B - b.Item2)))];
        Assert.Equal(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void QLinearSigmoid_EveryValue_IsOnnxRuntimes(int seed)
    {
        var random = new Random(seed);
        (float, int) x = Scale(random), y = (1f / 256, seed % 2 == 0 ? 0 : 3);
        byte[] raw = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        byte[] expected = OrtNode.Run<byte>(
            "QLinearSigmoid", true, [],
            (raw, [256]), OrtNode.Scalar(x.Item1), OrtNode.Scalar((byte)x.Item2),
            OrtNode.Scalar(y.Item1), OrtNode.Scalar((byte)y.Item2));
        LookupLayer table = OneUnit.Table(Profile, "sigmoid", x, y);
        Assert.Equal(expected, raw.Select(v => (byte)OneUnit.Of(table, v)));
    }

    /// <summary>One product and a bias, which makes every sum that is asked for.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void QLinearConv_EverySum_IsOnnxRuntimes(int seed)
    {
        var random = new Random(seed);
        (float, int) x = Scale(random), y = Scale(random);
        float weight = 0.001f + (random.NextSingle() * 0.02f);
        byte[] raw = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        sbyte w = (sbyte)random.Next(1, 127);
        int bias = random.Next(-9000, 9000);
        byte[] expected = OrtNode.Run<byte>(
            "QLinearConv", false, [],
            (raw, [1, 1, 16, 16]), OrtNode.Scalar(x.Item1), OrtNode.Scalar((byte)x.Item2),
            (new[] { w }, [1, 1, 1, 1]), OrtNode.Scalar(weight), OrtNode.Scalar((sbyte)0),
            OrtNode.Scalar(y.Item1), OrtNode.Scalar((byte)y.Item2), (new[] { bias }, [1]));
        Requantization unit = OneUnit.Requantize(Profile, x, weight, y);
        Assert.Equal(
            expected, raw.Select(v => (byte)OneUnit.Of(unit, ((v - x.Item2) * w) + bias)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void QLinearSoftmax_IsOnnxRuntimes(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 20; i++)
        {
            (float, int) x = Scale(random);
            // Of one value alone its float32 overflows, and it writes 0.
            var raw = new byte[2 + random.Next(20)];
            random.NextBytes(raw);
            byte[] expected = OrtNode.Run<byte>(
                "QLinearSoftmax", true, [("axis", [1], false), ("opset", [13], false)],
                (raw, [1, raw.Length]), OrtNode.Scalar(x.Item1), OrtNode.Scalar((byte)x.Item2),
                OrtNode.Scalar(1f / 256), OrtNode.Scalar((byte)0));
            Assert.Equal(
                expected.Select(e => (long)e),
                OneUnit.Softmax(Profile, x, [.. raw.Select(r => (long)r)]));
        }
    }

    private static (float Scale, int Zero) Scale(Random random) =>
        (0.01f + (random.NextSingle() * 0.2f), random.Next(256));
}

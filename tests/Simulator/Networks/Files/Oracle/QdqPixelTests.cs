using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Which bytes a written graph quantizes unlike hardware: what is said of them is what ONNX
/// Runtime does with such a graph.
/// </summary>
public class QdqPixelTests
{
    private static readonly TensorShape Shape = new(2, 16, 16);

    private static readonly float[] Bytes =
        [.. Enumerable.Range(0, 512).Select(i => i % 256 / 255f)];

    /// <summary>The kind of stage, and how many bytes become another raw value.</summary>
    [Theory]
    [InlineData("bytes", 0)]
    [InlineData("bytes in 4 bits", 3)]
    [InlineData("bytes in 4 bits, ties up", 11)]
    [InlineData("real", 0)]
    [InlineData("real, truncated", 129)]
    [InlineData("next to ties", 6)]
    [InlineData("float32 next to ties", 0)]
    [InlineData("normalized", 0)]
    [InlineData("normalized in 5 bits", 0)]
    [InlineData("wraps in 5 bits", 153)]
    public void Differences_OfAStage_AreOnnxRuntimes(string kind, int count)
    {
        InputStage stage = Stage(kind);
        double step = QdqWriter.StepOf(stage);

        IReadOnlyList<PixelDifference> said = QdqPixels.Differences(stage, step);

        long[] hardware = new InputConverter(stage).Quantize(Bytes), file = InOrt(stage, step);
        Assert.Equal(
            Enumerable.Range(0, 512).Where(i => hardware[i] != file[i])
                .Select(i => new PixelDifference(i % 256, i / 256, hardware[i], file[i]))
                .Where(d => d.Channel == 0 || !stage.Normalization.IsEmpty),
            said);
        Assert.Equal(count, said.Select(d => d.Byte).Distinct().Count());
        if (QdqPixels.AreExact(stage, step)) Assert.Equal(0, count);
        Assert.Equal(kind.StartsWith("float32", StringComparison.Ordinal),
            QdqPixels.AreExact(stage, step));
    }

    private static InputStage Stage(string kind)
    {
        InputStage real = new(
            new(Shape, 8, false, 0.0123), RoundingMode.NearestTiesToEven, OverflowMode.Saturate);
        InputStage bytes = real with { Type = real.Type with { Scale = 1 / 255.0 }, Levels = 1 };
        InputStage few = bytes with
        {
            Type = real.Type with { Bits = 4, Scale = 16 / 255.0 },
            Levels = 16,
        };
        InputStage five = real with
        {
            Type = real.Type with { Bits = 5, Scale = 0.041, ZeroPoint = 7 },
            Black = 7,
            Normalization = [(3, -0.7f), (1.5f, 0.2f)],
        };
        InputStage ties = real with { Type = real.Type with { Scale = Tie } };
        return kind switch
        {
            "bytes" => bytes,
            "bytes in 4 bits" => few,
            "bytes in 4 bits, ties up" => few with
            {
                Rounding = RoundingMode.NearestTiesTowardPositive,
            },
            "real" => real,
            "real, truncated" => real with { Rounding = RoundingMode.TowardNegative },
            "next to ties" => ties,
            "float32 next to ties" => ties with { HasFloat32Quotient = true },
            "normalized" => real with { Normalization = [(1 / 0.3f, -0.4f), (2, 0.1f)] },
            "normalized in 5 bits" => five,
            "wraps in 5 bits" => five with { Overflow = OverflowMode.Wrap },
            _ => throw new ArgumentException(kind),
        };
    }

    /// <summary>The float32 step of which some byte is 2.5 times, but for float32's rounding.
    /// </summary>
    private static double Tie => (
        from level in Enumerable.Range(1, 255)
        let pixel = level / 255f
        let near = pixel / 2.5f
        from step in (float[])[near, MathF.BitIncrement(near), MathF.BitDecrement(near)]
        where pixel / step == 2.5f && pixel / (double)step > 2.5
        select (double)step).First();

    private static long[] InOrt(InputStage stage, double step)
    {
        var graph = new QdqGraph();
        string pixels = QdqWriter.Pixels(graph, stage, isFlat: false);
        string real = graph.Node(
            "Flatten", "logits", [QdqPixels.Quantized(graph, stage, pixels, "real", step)]);
        using var ort = new OrtModel(graph.Build("input", [2, 16, 16], real, 512));
        return
        [
            .. ort.Run(Bytes, 1, 2, 16, 16)
                .Select(v => (long)Math.Round(v / (float)step) + stage.Type.ZeroPoint),
        ];
    }
}

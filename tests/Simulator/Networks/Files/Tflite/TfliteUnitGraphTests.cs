using System.Globalization;
using QSim.Simulator.Tests.Units;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// Functions, softmax and changes of format inside models: outputs of gemmlowp and TensorFlow
/// Lite's own code (Units/Golden), then a dense layer that shows each of them.
/// </summary>
public class TfliteUnitGraphTests
{
    [Theory]
    [InlineData(14, "sigmoid")]
    [InlineData(28, "tanh")]
    public void Run_Function_IsTensorFlowLitesTable(int code, string unit)
    {
        string[][] rows = [.. OneUnit.Rows("tflite.csv").Where(r => r[0] == unit)];
        Assert.Equal(4, rows.Length);
        Assert.All(rows, row =>
        {
            int[] table = [.. row[3..].Select(int.Parse)];
            var model = new TfliteTestModel(
                4, false,
                (OneUnit.Real(row[1]), int.Parse(row[2], CultureInfo.InvariantCulture)), [1, 1]);
            TestTensor made = model.Known(code, model.Input, x => [.. x.Select(v =>
                table[v + 128])]);
            TestTensor output = model.Mac(9, made, 3, 1, 1, false, 0);
            Equal(model, output, [.. Enumerable.Range(-128, 256).Select(v => (int[])[v])]);
        });
    }

    [Fact]
    public void Run_SoftmaxInside_IsGemmlowps()
    {
        string[][] rows = OneUnit.Rows("softmax_gemmlowp.csv");
        Assert.All(rows.Where(r => r[1] != "1"), row =>
        {
            int n = int.Parse(row[1], CultureInfo.InvariantCulture);
            int[] logits = [.. row[2..(2 + n)].Select(int.Parse)];
            int[] shares = [.. row[(2 + n)..].Select(int.Parse)];
            var model = new TfliteTestModel(5, false, (OneUnit.Real(row[0]), 3), [1, n]);
            TestTensor made = model.Known(25, model.Input, _ => shares);
            Equal(model, model.Mac(9, made, 4 * n, 1, 1, false, 0), [logits]);
        });
    }

    /// <summary>QUANTIZE between formats: a multiplier of the scales' quotient.</summary>
    [Theory]
    [InlineData(0.031f, 4)]
    [InlineData(0.0071f, -90)]
    [InlineData(0.0171f, 11)]
    [InlineData(0.11f, 127)]
    public void Run_Quantize_IsTwoRoundings(float scale, int zero)
    {
        var model = new TfliteTestModel(6, false, (0.0171f, -7), [1, 1]);
        TestTensor made = model.Requantize(model.Input, scale, zero);
        Equal(
            model, model.Mac(9, made, 3, 1, 1, false, 0),
            [.. Enumerable.Range(-128, 256).Select(v => (int[])[v])]);
    }

    /// <summary>
    /// Models of uint8, as TensorFlow's quantized training wrote them: one multiplier per layer,
    /// zero points of weights.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Run_ModelOfUint8_GivesTfliteIntegers(int seed)
    {
        var model = new TfliteTestModel(seed, true, (1 / 255f, -128), [1, 8, 8, 2]);
        TestTensor x = model.Mac(3, model.Pad(model.Input), 6, 3, 1, false, 1);
        x = model.Mac(4, x, 12, 3, 2, true, 3);
        TestTensor y = model.Mac(3, x, 12, 1, 1, true, 0);
        x = model.Multiply(model.Add(x, y, 1), y);
        x = model.Pool(model.Twice(x), isMax: true, 2, 1, true);
        x = model.Pool(x, isMax: false, 3, 2, true);
        x = model.Other(22, x, [1, x.Length], x.Scale, x.Zero - 128, v => v);
        x = model.Mac(9, x, 9, 1, 1, false, 1);
        x = model.Mac(9, x, 5, 1, 1, false, 0, 0.3f);
        var random = new Random(seed);
        Equal(model, x, [.. Enumerable.Range(0, 30).Select(_ => (int[])
            [.. Enumerable.Range(0, 128).Select(_ => random.Next(256))])]);
    }

    private static void Equal(TfliteTestModel model, TestTensor output, int[][] images) =>
        Assert.True(
            TfliteHardware.Equal(model, output, output, images, "reference").Count > 1,
            "outputs say little");
}

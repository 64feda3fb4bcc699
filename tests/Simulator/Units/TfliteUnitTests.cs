using System.Globalization;

namespace QSim.Simulator.Tests.Units;

/// <summary>
/// Units of tflite-int8 against gemmlowp itself; Golden/softmax_gemmlowp.cpp made the vectors.
/// </summary>
public class TfliteUnitTests
{
    [Fact]
    public void Softmax_IsGemmlowps()
    {
        string[][] rows = OneUnit.Rows("softmax_gemmlowp.csv");
        Assert.Equal(120, rows.Length);
        Assert.All(rows, row =>
        {
            int n = int.Parse(row[1], CultureInfo.InvariantCulture);
            long[] logits = [.. row[2..(2 + n)].Select(long.Parse)];
            float scale = float.Parse(row[0], CultureInfo.InvariantCulture);
            Assert.Equal(
                row[(2 + n)..].Select(long.Parse),
                OneUnit.Softmax("tflite-int8", (scale, 3), logits));
        });
    }
}

using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Units;

/// <summary>
/// Units of tflite-int8 against gemmlowp and TensorFlow Lite's reference kernels;
/// Golden/softmax_gemmlowp.cpp and Golden/tflite.cpp made the vectors.
/// </summary>
public class TfliteUnitTests
{
    private const string Profile = "tflite-int8";

    [Fact]
    public void Softmax_IsGemmlowps()
    {
        string[][] rows = OneUnit.Rows("softmax_gemmlowp.csv");
        Assert.Equal(120, rows.Length);
        Assert.All(rows, row =>
        {
            int n = int.Parse(row[1], CultureInfo.InvariantCulture);
            long[] logits = [.. row[2..(2 + n)].Select(long.Parse)];
            Assert.Equal(
                row[(2 + n)..].Select(long.Parse),
                OneUnit.Softmax(Profile, (OneUnit.Real(row[0]), 3), logits));
        });
    }

    [Fact]
    public void AveragePooling_IsTensorFlowLites()
    {
        string[][] rows = Rows("average");
        Assert.Equal(200, rows.Length);
        Assert.All(rows, row => Assert.Equal(
            long.Parse(row[4]),
            OneUnit.Average(Profile, int.Parse(row[1]), int.Parse(row[2]), long.Parse(row[3]))));
    }

    [Fact]
    public void Add_IsTensorFlowLites()
    {
        string[][] rows = Rows("add");
        Assert.Equal(300, rows.Length);
        Assert.All(rows, row =>
        {
            AddLayer add = OneUnit.Add(Profile, Scale(row, 1), Scale(row, 3), Scale(row, 5));
            Assert.Equal(
                long.Parse(row[9]), OneUnit.Of(add, long.Parse(row[7]), long.Parse(row[8])));
        });
    }

    /// <summary>Tables as TensorFlow Lite fills them, and its micro kernels.</summary>
    [Theory]
    [InlineData(Profile, "sigmoid", "sigmoid")]
    [InlineData(Profile, "tanh", "tanh")]
    [InlineData("cmsis-nn-int8", "sigmoid", "sigmoid-micro")]
    [InlineData("cmsis-nn-int8", "tanh", "tanh-micro")]
    public void Function_IsTensorFlowLites(string profile, string name, string unit)
    {
        string[][] rows = Rows(unit);
        Assert.Equal(4, rows.Length);
        TensorScale own = ScaleCalibrator.Choose(
            OneUnit.Stages(profile, name).Output, isSigned: true, []);
        Assert.All(rows, row =>
        {
            LookupLayer table = OneUnit.Table(
                profile, name, Scale(row, 1), ((float)own.Step, own.ZeroPoint));
            Assert.Equal(
                row[3..].Select(long.Parse),
                Enumerable.Range(-128, 256).Select(x => OneUnit.Of(table, x)));
        });
    }

    private static string[][] Rows(string unit) =>
        [.. OneUnit.Rows("tflite.csv").Where(r => r[0] == unit)];

    private static (float, int) Scale(string[] row, int at) =>
        (OneUnit.Real(row[at]), int.Parse(row[at + 1], CultureInfo.InvariantCulture));
}

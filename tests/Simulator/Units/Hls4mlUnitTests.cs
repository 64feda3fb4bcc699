using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Units;

/// <summary>Units of hls4ml-default against hls4ml's own C++; Golden/hls4ml.csv.</summary>
public class Hls4mlUnitTests
{
    private const string Profile = "hls4ml-default";

    private static readonly TensorScale Point = TensorScale.PowerOfTwo(10);

    [Fact]
    public void AveragePooling_IsHls4mls() => OneUnit.Each(
        "hls4ml.csv", "average", 240,
        row => OneUnit.Average(
            Profile, int.Parse(row[1]), int.Parse(row[2]), Point,
            [.. row[3..^1].Select(long.Parse)]));

    [Fact]
    public void Add_IsHls4mls()
    {
        AddLayer add = OneUnit.Add(Profile, Point, Point, Point);
        OneUnit.Each(
            "hls4ml.csv", "add", 300,
            row => OneUnit.Of(add, long.Parse(row[1]), long.Parse(row[2])));
    }

    /// <summary>Of ap_fixed types of other widths and binary points.</summary>
    [Fact]
    public void Concat_IsHls4mls() => OneUnit.Each(
        "hls4ml.csv", "concat", 800,
        row => OneUnit.Of(
            OneUnit.Concat(Profile, OneUnit.Point(row[2]), Point), long.Parse(row[3])));

    /// <summary>Every raw value: the file has the first of each run of equal outputs.</summary>
    [Theory]
    [InlineData("sigmoid")]
    [InlineData("tanh")]
    public void Function_IsHls4mls(string name)
    {
        string[] row = OneUnit.Rows("hls4ml.csv").Single(r => r[0] == name);
        LookupLayer table = OneUnit.Table(Profile, name, Point, Point);
        int at = 1;
        Assert.True(row.Length > 900, $"{row.Length} numbers");
        for (long x = short.MinValue; x <= short.MaxValue; x++)
        {
            if (at + 2 < row.Length && long.Parse(row[at + 2]) == x) at += 2;
            Assert.Equal(long.Parse(row[at + 1]), OneUnit.Of(table, x));
        }
    }
}

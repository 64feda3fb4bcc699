using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Units;

/// <summary>
/// Units of cmsis-nn-int8 and cmsis-nn-16x8 against CMSIS-NN itself; Golden/cmsis.cpp made the
/// vectors.
/// </summary>
public class CmsisUnitTests
{
    private const string Int8 = "cmsis-nn-int8", Int16 = "cmsis-nn-16x8";

    [Fact]
    public void Requantize_IsCmsisNns() => Each("requantize32", 600, row =>
        OneUnit.Of(
            OneUnit.Requantize(Int8, (1, 0), 0.5, (1, 0)) with
            {
                Output = OneUnit.Word,
                Multiplier = int.Parse(row[2]),
                MultiplierShift = -int.Parse(row[3]),
            },
            long.Parse(row[1])));

    /// <summary>Through a scale: its multiplier is the 32-bit one reduced.</summary>
    [Fact]
    public void Requantize64_IsCmsisNns() => Each("requantize64", 600, row =>
        OneUnit.Of(
            OneUnit.Requantize(
                Int16, (1, 0),
                Math.ScaleB(
                    double.Parse(row[2], CultureInfo.InvariantCulture), int.Parse(row[3]) - 31),
                (1, 0)) with
            {
                Output = OneUnit.Word,
            },
            long.Parse(row[1])));

    [Theory]
    [InlineData("average8", Int8)]
    [InlineData("average16", Int16)]
    public void AveragePooling_IsCmsisNns(string unit, string profile) => Each(unit, 200, row =>
        OneUnit.Average(profile, int.Parse(row[1]), int.Parse(row[2]), long.Parse(row[3])));

    [Theory]
    [InlineData("add8", Int8)]
    [InlineData("add16", Int16)]
    public void Add_IsCmsisNns(string unit, string profile) => Each(unit, 300, row =>
    {
        AddLayer add = OneUnit.Add(profile, Scale(row, 1), Scale(row, 3), Scale(row, 5));
        return OneUnit.Of(add, long.Parse(row[7]), long.Parse(row[8]));
    });

    [Fact]
    public void Softmax_IsCmsisNns()
    {
        string[][] rows = Rows("softmax8");
        Assert.Equal(60, rows.Length);
        Assert.All(rows, row =>
        {
            int n = int.Parse(row[2]);
            Assert.Equal(
                row[(3 + n)..].Select(long.Parse),
                OneUnit.Softmax(
                    Int8, (OneUnit.Real(row[1]), 3), [.. row[3..(3 + n)].Select(long.Parse)]));
        });
    }

    /// <summary>
    /// CMSIS-NN interpolates between 256 entries, which is off the function by a few of 32,768.
    /// </summary>
    [Theory]
    [InlineData("sigmoid", 2)]
    [InlineData("tanh", 4)]
    public void Function16_IsCmsisNnsWithinItsInterpolation(string name, int most)
    {
        string[][] rows = Rows(name + "16");
        Assert.Equal(933, rows.Length);
        TensorScale own = ScaleCalibrator.Choose(
            OneUnit.Stages(Int16, name).Output, isSigned: true, []);
        foreach (var sameInput in rows.GroupBy(r => r[1]))
        {
            LookupLayer table = OneUnit.Table(
                Int16, name, OneUnit.Point(sameInput.Key), own);
            Assert.All(sameInput, row => Assert.InRange(
                OneUnit.Of(table, long.Parse(row[2])) - long.Parse(row[3]), -most, most));
        }
    }

    private static void Each(string unit, int count, Func<string[], long> actual)
    {
        string[][] rows = Rows(unit);
        Assert.Equal(count, rows.Length);
        Assert.All(rows, row => Assert.Equal(long.Parse(row[^1]), actual(row)));
    }

    private static string[][] Rows(string unit) =>
        [.. OneUnit.Rows("cmsis.csv").Where(r => r[0] == unit)];

    private static (float, int) Scale(string[] row, int at) =>
        (OneUnit.Real(row[at]), int.Parse(row[at + 1]));
}

using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Units;

/// <summary>
/// Units of qnnpack against PyTorch's engine of that name; Golden/make_qnnpack.py made the
/// vectors.
/// </summary>
public class QnnpackUnitTests
{
    private const string Profile = "qnnpack";

    [Fact]
    public void Add_IsPyTorchs()
    {
        string[][] rows = OneUnit.Rows("qnnpack_add.csv");
        Assert.Equal(480, rows.Length);
        Assert.All(rows, row =>
        {
            AddLayer add = OneUnit.Add(Profile, Scale(row, 0), Scale(row, 2), Scale(row, 4));
            Assert.Equal(
                long.Parse(row[8], CultureInfo.InvariantCulture),
                OneUnit.Of(add, long.Parse(row[6]), long.Parse(row[7])));
        });
    }

    [Fact]
    public void AveragePooling_IsPyTorchs()
    {
        string[][] rows = OneUnit.Rows("qnnpack_average.csv");
        Assert.Equal(360, rows.Length);
        Assert.All(rows, row => Assert.Equal(
            long.Parse(row[3]),
            OneUnit.Average(Profile, int.Parse(row[0]), int.Parse(row[1]), long.Parse(row[2]))));
    }

    [Fact]
    public void Concat_IsPyTorchs() => Each("concat", (row, x) =>
    {
        ConcatPart part = OneUnit.Concat(Profile, Scale(row, 1), Scale(row, 3));
        return OneUnit.Of(part, x);
    });

    [Fact]
    public void Softmax_IsPyTorchs()
    {
        string[][] rows = OneUnit.Rows("qnnpack_softmax.csv");
        Assert.Equal(60, rows.Length);
        Assert.All(rows, row =>
        {
            int n = (row.Length - 2) / 2;
            Assert.Equal(
                row[(2 + n)..].Select(long.Parse),
                OneUnit.Softmax(Profile, Scale(row, 0), [.. row[2..(2 + n)].Select(long.Parse)]));
        });
    }

    [Theory]
    [InlineData("sigmoid")]
    [InlineData("tanh")]
    public void Function_IsPyTorchs(string name) => Each(name, (row, x) =>
    {
        TensorScale own = ScaleCalibrator.Choose(
            OneUnit.Stages(Profile, name).Output, isSigned: false, []);
        (float, int) y = ((float)own.Step, own.ZeroPoint);
        Assert.Equal(Scale(row, 3), y);
        return OneUnit.Of(OneUnit.Table(Profile, name, Scale(row, 1), y), x);
    });

    private static void Each(string name, Func<string[], long, long> unit)
    {
        string[][] rows = [.. OneUnit.Rows("qnnpack_unary.csv").Where(r => r[0] == name)];
        Assert.Equal(6, rows.Length);
        Assert.All(rows, row => Assert.Equal(
            row[5..].Select(long.Parse), Enumerable.Range(0, 256).Select(x => unit(row, x))));
    }

    private static (float Scale, int Zero) Scale(string[] row, int at) =>
        ((float)double.Parse(row[at], CultureInfo.InvariantCulture), int.Parse(row[at + 1]));
}

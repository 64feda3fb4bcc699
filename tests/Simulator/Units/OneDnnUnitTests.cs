using QSim.Kernels.Datapath;

namespace QSim.Simulator.Tests.Units;

/// <summary>Units of onednn against oneDNN itself; Golden/onednn.cpp made the vectors.</summary>
public class OneDnnUnitTests
{
    private const string Profile = "onednn";

    [Fact]
    public void Convolution_IsOneDnns()
    {
        string[][] rows = Rows("conv");
        Assert.Equal(800, rows.Length);
        Assert.All(rows, row =>
        {
            (float Scale, int Zero) x = (OneUnit.Real(row[1]), int.Parse(row[2]));
            (float Scale, int Zero) y = (OneUnit.Real(row[4]), int.Parse(row[5]));
            Requantization unit =
                OneUnit.Requantize(Profile, x, OneUnit.Real(row[3]), y, OneUnit.Real(row[6]));
            Assert.Equal(long.Parse(row[8]), OneUnit.Of(unit, long.Parse(row[7])));
        });
    }

    [Fact]
    public void AveragePooling_IsOneDnns()
    {
        string[][] rows = Rows("average");
        Assert.Equal(320, rows.Length);
        Assert.All(rows, row => Assert.Equal(
            long.Parse(row[4]),
            OneUnit.Average(Profile, int.Parse(row[1]), int.Parse(row[2]), long.Parse(row[3]))));
    }

    private static string[][] Rows(string unit) =>
        [.. OneUnit.Rows("onednn.csv").Where(r => r[0] == unit)];
}

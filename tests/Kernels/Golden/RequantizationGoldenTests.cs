using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Golden;

/// <summary>Double rounding as gemmlowp's fixedpoint.h computes it.</summary>
public sealed class RequantizationGoldenTests
{
    [SkippableFact]
    public void Requantize_EveryGoldenRow_GivesGemmlowpsHighMulAndResult()
    {
        string[] lines = SharedFolder.GoldenLines("requant_gemmlowp.csv.gz");
        Assert.Equal(4000, lines.Length - 1);
        Assert.All(lines.Skip(1), line => Replay([.. line.Split(',').Select(Int)]));
    }

    private static void Replay(int[] row)
    {
        Assert.Equal(row[3], Requantizer.HighMultiply(row[0], row[1]));
        var spec = new Requantization
        {
            Kind = RequantizationKind.MultiplierDouble,
            Multiplier = row[1],
            MultiplierShift = row[2],
            Output = ConversionSpec.Into(
                new FixedFormat(32, 0, true), 0, RoundingMode.TowardNegative,
                OverflowMode.Saturate),
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };
        ConversionEvents events = ConversionEvents.None;
        Assert.Equal(row[4], Requantizer.Requantize(row[0], spec, ref events));
    }

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

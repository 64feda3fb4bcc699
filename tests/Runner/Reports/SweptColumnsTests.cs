using QSim.Runner.Reports;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Tests.Reports;

/// <summary>What a study sweeps has columns of its own in CSV files.</summary>
public class SweptColumnsTests
{
    private static readonly StudySettings Swept = new()
    {
        Sweep =
        [
            Axis("mac.accumulator.bits", "6", "16"),
            Axis("weight.fraction_bits", "-2", "calibrated"),
        ],
    };

    [Fact]
    public void Of_RecordsOfATarget_HaveAColumnForEachKey() => Assert.Equal(
        """
        target,images,mac.accumulator.bits,weight.fraction_bits
        float,3,,
        int4 bits=16 fraction_bits=-2,3,16,-2
        a=6 bits=6 fraction_bits=calibrated,3,6,calibrated

        """,
        Csv.Of(
            new[]
            {
                "float", "int4 bits=16 fraction_bits=-2",
                "a=6 bits=6 fraction_bits=calibrated",
            }.Select(t => new { Target = t, Images = 3 }),
            new(Swept)));

    [Fact]
    public void Of_RecordsOfTwoTargets_HaveThemOfBoth() => Assert.Equal(
        "first,second,p,first.mac.accumulator.bits,first.weight.fraction_bits,"
            + "second.mac.accumulator.bits,second.weight.fraction_bits\n"
            + "float,a bits=6 fraction_bits=-2,1,,,6,-2\n",
        Csv.Of(
            [new { First = "float", Second = "a bits=6 fraction_bits=-2", P = 1 }],
            new(Swept)));

    [Fact]
    public void Of_OtherRecords_HaveNone() => Assert.Equal(
        "images\n3\n", Csv.Of([new { Images = 3 }], new(Swept)));

    [Fact]
    public void Of_AStudyWithoutASweep_HasNone() => Assert.Equal(
        "target\nint4\n", Csv.Of([new { Target = "int4" }], new(new())));

    private static SweepAxis Axis(string key, params string[] values) =>
        new([.. values.Select(v => new[] { new SweepSetting(key, v) })]);
}

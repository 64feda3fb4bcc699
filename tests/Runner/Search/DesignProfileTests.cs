using QSim.Runner.Search;
using QSim.Runner.Studies.Sweeps;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Describing;

namespace QSim.Runner.Tests.Search;

/// <summary>A design's profile says what the search set.</summary>
public class DesignProfileTests
{
    private static readonly SweepSetting[] Point =
    [
        new("weight.bits", "5"),
        new("mac.accumulator.bits", "17"),
        new("layers[type=dense].weight.bits", "3"),
        new("layers[type=dense].mac.accumulator.overflow", "SAT"),
        new("layers[name=conv1].mac.accumulator.bits", "12"),
    ];

    [Fact]
    public void Of_APoint_IsTheStartWithItsKeys() => Assert.Equal(
        """
        schema: qsim/hardware-profile/1
        extends: int8-wide
        name: front-1
        summary: 'a: b'
        weight:
          bits: 5
        mac:
          accumulator:
            bits: 17
        layers:
          - match: {type: dense}
            weight:
              bits: 3
            mac:
              accumulator:
                overflow: SAT
          - match: {name: conv1}
            mac:
              accumulator:
                bits: 12

        """,
        DesignProfile.Of("front-1", "int8-wide", "a: b", Point));

    [Fact]
    public void Of_APoint_ReadsAsTheOverridesThatTheSearchMeasured()
    {
        HardwareProfile written = ProfileReader.Parse(
            DesignProfile.Of("front-1", "int8-wide", "x", Point), "front-1.yaml"),
            measured = ProfileReader.Read("int8-wide", Point.Select(p => p.ToOverride()));

        Assert.Equal(Keys(measured), Keys(written));

        static string[] Keys(HardwareProfile profile) =>
        [
            .. ResolvedProfile.Keys(profile)
                .Where(k => k.Path is not ("name" or "summary" or "source" or "extends"))
                .Select(k => $"{k.Path}={k.Value}"),
        ];
    }

    [Fact]
    public void Read_LayersOfWhichThereIsNoOverride_GetOne()
    {
        HardwareProfile profile = ProfileReader.Read(
            "int8-wide", new ProfileOverride("layers[type=conv2d].weight.bits", "4"));

        Assert.Contains(
            ResolvedProfile.Keys(profile), k => k.Path.Contains("weight.bits") && k.Value == "4");
    }
}

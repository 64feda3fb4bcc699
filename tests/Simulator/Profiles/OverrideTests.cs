using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Tests.Profiles;

/// <summary>Which of several values wins, and what a change leaves behind.</summary>
public class OverrideTests
{
    private const string Base = """
        schema: qsim/hardware-profile/1
        name: base
        input: uint8
        weight: {bits: 8, scale: real, granularity: per_channel,
          calibration: percentile, percentile: 99}
        activation: {bits: 8, scale: real}
        mac: {lanes: 4, accumulator: {bits: 32, overflow: SAT}}
        requantize: real

        """;

    [Theory]
    [InlineData("dense", "other", false, 10)]
    [InlineData("dense", "other", true, 20)]
    [InlineData("dense", "fc9", true, 29)]
    [InlineData("dense", "fc1", true, 31)]
    [InlineData("conv2d", "fc9", false, 29)]
    [InlineData("conv2d", "conv1", false, 8)]
    public void Activation_NameBeatsGlobBeatsOutputBeatsType(
        string kind, string name, bool isLast, int expected)
    {
        Datapath datapath = Compile(Base + """
            output: {bits: 20}
            layers:
              - match: {name: fc1}
                activation: {bits: 31}
              - match: {name: "fc?"}
                activation: {bits: 29}
              - match: {type: dense}
                activation: {bits: 10}
            """);
        Assert.Equal(expected, datapath.For(kind, name, isLast).Output.Bits);
    }

    [Fact]
    public void OfTwoEquals_TheLaterWins_AndOtherKeysAreKept()
    {
        LayerDatapath layer = Compile(
                Base
                    + """
                    layers:
                      - match: {name: "c*"}
                        mac: {lanes: 2, accumulator: {bits: 20}}
                      - match: {name: "*1"}
                        mac: {accumulator: {bits: 21}}
                    """
            )
            .For("conv2d", "c1", isLast: false);
        Assert.Equal(
            (2, 21, OverflowMode.Saturate),
            (layer.Lanes, layer.Accumulator.Bits, layer.Accumulator.Overflow));
    }

    [Fact]
    public void Notation_ReplacesTheWholeValue_AMappingOnlyItsKeys()
    {
        ValueFormat changed = Compile(Base, new ProfileOverride("weight.bits", "5"))
            .For("dense", "fc", false)
            .Weight;
        Assert.Equal(
            (5, ScaleKind.Real, 99), (changed.Bits, changed.Scale, changed.Calibration.Percentile));
        ValueFormat replaced = Compile(Base, new ProfileOverride("weight", "int5"))
            .For("dense", "fc", false)
            .Weight;
        Assert.Equal((5, ScaleKind.PowerOfTwo), (replaced.Bits, replaced.Scale));
        Assert.Equal(CalibrationMethod.MinMax, replaced.Calibration.Method);
    }

    [Fact]
    public void KeysThatAChangeLeavesWithoutMeaning_AreDropped()
    {
        Datapath datapath = Compile(
            Base, new ProfileOverride("weight.fraction_bits", "6"),
            new ProfileOverride("activation.fraction_bits", "4"),
            new ProfileOverride("requantize.kind", "shift"),
            new ProfileOverride("requantize.rounding", "RND"),
            new ProfileOverride("requantize.kind", "cast"));
        ValueFormat weight = datapath.For("dense", "fc", false).Weight;
        Assert.Equal(6, weight.FractionBits);
        Assert.Equal(ScaleGranularity.PerTensor, weight.Granularity);
    }

    [Fact]
    public void Override_ReachesItemsOfLists()
    {
        const string Layers =
            "layers:\n  - match: {name: fc}\n    mac: {accumulator: {bits: 20}}\n";
        Datapath datapath = Compile(
            Base + Layers, new ProfileOverride("layers[0].mac.accumulator.bits", "18"));
        Assert.Equal(18, datapath.For("dense", "fc", false).Accumulator.Bits);
        Assert.Equal(32, datapath.For("dense", "other", false).Accumulator.Bits);
    }

    [Theory]
    [InlineData(
        "layers[3].weight.bits", "4",
        "study.yaml:7:3: layers[3].weight.bits: there is no layers[3]")]
    [InlineData(
        "requantize.kind",
        "shft",
        "study.yaml:7:3: requantize.kind: 'shft' is not known; did you mean 'shift'?"
            + " (supported: cast, shift, multiplier_double, multiplier_single, real, real_once)")]
    [InlineData(
        "mac.order.depth",
        "1",
        "study.yaml:7:3: mac.order: a mapping where one value is needed"
            + " (supported: channel_last, channel_first, interleave)")]
    [InlineData(
        "mac.interleave",
        "4",
        "study.yaml:7:3: mac.interleave: has no effect with order: channel_last"
            + " (it needs order: interleave)")]
    public void WrongOverride_NamesTheStudysLine(string key, string value, string expected)
    {
        var at = new ProfileOverride(key, value, new SourcePosition("study.yaml", 7, 3));
        var e = Assert.Throws<InputException>(() => ProfileReader.Parse(Base, "base.yaml", at));
        Assert.Equal(expected, e.Message);
    }

    private static Datapath Compile(string yaml, params ProfileOverride[] overrides) =>
        DatapathCompiler.Compile(ProfileReader.Parse(yaml, "base.yaml", overrides));
}

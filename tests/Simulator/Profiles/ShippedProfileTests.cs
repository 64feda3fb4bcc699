using QSim.Simulator.Profiles;

namespace QSim.Simulator.Tests.Profiles;

public class ShippedProfileTests
{
    public static TheoryData<string> Names => [.. ShippedProfiles.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void ShippedProfile_ReadsAndCompiles(string name)
    {
        HardwareProfile profile = ProfileReader.Read(name);
        Datapath datapath = DatapathCompiler.Compile(profile);
        Assert.Equal(name, profile.Name);
        Assert.Equal(name, datapath.Name);
        Assert.InRange(profile.Summary.Length, 10, 100);
        Assert.Equal(64, profile.Sha256.Length);
        Assert.NotNull(datapath.For("conv2d", "conv1", isLast: false));
    }

    [Theory]
    [InlineData("int8-acc-wrap", QSim.Kernels.Arithmetic.OverflowMode.Wrap)]
    [InlineData("int8-acc-sat", QSim.Kernels.Arithmetic.OverflowMode.Saturate)]
    public void Variant_ChangesTheAccumulatorAlone(
        string name, QSim.Kernels.Arithmetic.OverflowMode overflow)
    {
        Datapath wide = DatapathCompiler.Compile(ProfileReader.Read("int8-wide"));
        Datapath narrow = DatapathCompiler.Compile(ProfileReader.Read(name));
        LayerDatapath expected = wide.For("dense", "fc", isLast: true);
        LayerDatapath actual = narrow.For("dense", "fc", isLast: true);
        Assert.Equal(overflow, actual.Accumulator.Overflow);
        Assert.InRange(actual.Accumulator.Bits, 8, 20);
        Assert.Equal(expected, actual with { Accumulator = expected.Accumulator });
        Assert.Equal(wide.Input, narrow.Input);
    }

    [Fact]
    public void Override_SetsOneKey()
    {
        HardwareProfile profile = ProfileReader.Read(
            "int8-wide", new ProfileOverride("mac.accumulator.bits", "17"));
        LayerDatapath layer = DatapathCompiler.Compile(profile).For("dense", "fc", isLast: false);
        Assert.Equal(17, layer.Accumulator.Bits);
        Assert.Equal(8, layer.Weight.Bits);
    }

    [Theory]
    [InlineData("mac.accumulator.bits", "72",
        "override:1:1: mac.accumulator.bits: 72 is more than 64 (supported: 2..64)")]
    [InlineData("mac.acumulator.bits", "9",
        "override:1:1: mac.acumulator: unknown key; did you mean 'accumulator'?"
        + " (supported: product, lanes, order, interleave, zero_point, operands, accumulator)")]
    public void Override_IsCheckedAsAProfileIs(string key, string value, string expected)
    {
        var e = Assert.Throws<InputException>(
            () => ProfileReader.Read("int8-wide", new ProfileOverride(key, value)));
        Assert.Equal(expected, e.Message);
    }

    [Fact]
    public void Read_UnknownName_SuggestsTheNearest()
    {
        var e = Assert.Throws<InputException>(() => ProfileReader.Read("int8-wid"));
        Assert.Contains("did you mean 'int8-wide'?", e.Message);
    }
}

using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Tests.Arithmetic;

/// <summary>The known answers that the generator's authors publish with Random123.</summary>
public class PhiloxTests
{
    [Fact]
    public void Generate_ZeroCounter_IsKnownAnswer() =>
        Assert.Equal(
            new UInt4(0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
            Philox.Generate(0, new(0, 0, 0, 0)));

    [Fact]
    public void Generate_AllOnes_IsKnownAnswer() =>
        Assert.Equal(
            new UInt4(0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
            Philox.Generate(ulong.MaxValue, new(~0u, ~0u, ~0u, ~0u)));

    [Fact]
    public void Generate_DigitsOfPi_IsKnownAnswer() =>
        Assert.Equal(
            new UInt4(0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
            Philox.Generate(
                0x299F31D0A4093822, new(0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)));
}

using System.Text;
using System.Text.Json;
using QSim.Runner.Output;
using QSim.Runner.Reports;

namespace QSim.Runner.Tests.Output;

/// <summary>Documents with a checksum are read as they were written, or not at all.</summary>
public class SealedJsonTests
{
    private static readonly HardwareDescription Value = new()
    {
        Shared = [new("weights.bits", "8")],
        Profiles = [new("chip", "a line", "a manual", [new("mac.accumulator.bits", "17")])],
    };

    [Fact]
    public void Parse_EveryFlippedBit_IsRefused()
    {
        byte[] document = Encoding.UTF8.GetBytes(SealedJson.Of(Value));
        var read = SealedJson.Parse<HardwareDescription>(document);
        Assert.Equal("17", read.Profiles[0].Keys[0].Value);
        for (int bit = 0; bit < 8 * document.Length; bit++)
        {
            byte[] flipped = [.. document];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<JsonException>(() => SealedJson.Parse<HardwareDescription>(flipped));
        }
    }

    [Fact]
    public void Parse_EveryCut_IsRefused()
    {
        byte[] document = Encoding.UTF8.GetBytes(SealedJson.Of(Value));
        for (int length = 0; length < document.Length; length++)
            Assert.Throws<JsonException>(
                () => SealedJson.Parse<HardwareDescription>(document.AsSpan(0, length)));
    }

    [Fact]
    public void Of_IsJsonWithTheChecksumLast()
    {
        using JsonDocument document = JsonDocument.Parse(SealedJson.Of(Value));

        JsonProperty last = document.RootElement.EnumerateObject().Last();

        Assert.Equal("checksum", last.Name);
        Assert.Equal(32, last.Value.GetString()!.Length);
    }
}

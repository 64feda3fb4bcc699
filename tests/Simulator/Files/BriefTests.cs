namespace QSim.Simulator.Tests.Files;

/// <summary>What is a file's is cut; what is QSim's own stays whole.</summary>
public class BriefTests
{
    [Fact]
    public void Message_OfOwnWords_StaysWhole()
    {
        string advice = "unknown; supported: " + string.Join(", ", Enumerable.Range(0, 100));
        Assert.True(advice.Length > Brief.Most);
        Assert.Equal(advice, Brief.Message(advice));
    }

    [Fact]
    public void Message_WithLongWordsOfAFile_KeepsTheAdviceBehindThem()
    {
        string quoted = string.Join(' ', Enumerable.Repeat("some words", 500));
        string message = Brief.Message(
            $"x: layer '{quoted}' reads {new string('n', 9000)} (supported: 1 to 8)");
        Assert.StartsWith("x: layer 'some words some words ", message);
        Assert.EndsWith(" (supported: 1 to 8)", message);
        Assert.InRange(message.Length, 100, Brief.Most);
    }

    [Fact]
    public void Message_OfAnything_HasAnEnd() => Assert.InRange(
        Brief.Message(string.Concat(Enumerable.Repeat("a b ", 9000))).Length,
        Brief.Most, Brief.MostOfOwnWords);
}

using QSim.Runner.Serving;

namespace QSim.Runner.Tests.Serving;

/// <summary>Requests that cannot be: an error each, and the session goes on.</summary>
public class BadFrameTests
{
    private static readonly byte[] Ping = Conversation.Frame(2, 77, "{}");

    [Theory]
    [InlineData(4, "{\"handle\": 1}", "handle: 1 is not open")]
    [InlineData(4, "{\"handle\": 0}", "handle: is 0 (supported: 1..2147483647)")]
    [InlineData(4, "{}", "handle: is missing")]
    [InlineData(2, "{\"x\": 1}", "unknown key 'x'")]
    [InlineData(2, "[]", "the head is not a JSON object")]
    [InlineData(2, "{", "the head is not JSON")]
    [InlineData(2, "", "the head is not JSON")]
    [InlineData(2, "{\"a\": 1, \"a\": 1}", "the head is not JSON")]
    [InlineData(2, "{\"\\ud800\": 1}", "it has a text that is not Unicode")]
    [InlineData(2, "{\"x\": [\"\\udfff\"]}", "it has a text that is not Unicode")]
    [InlineData(99, "{}", "unknown kind 99 (supported: 1..8)")]
    [InlineData(1, "{\"protocol\": 2}", "protocol 2 (supported: 1)")]
    [InlineData(3, "{}", "profile: is missing")]
    [InlineData(3, "{\"profile\": 3}", "profile: is 3 (supported: a text)")]
    [InlineData(3, "{\"profile\": \"int5\"}", "no shipped profile of that name; did you mean")]
    [InlineData(
        3, "{\"profile\": \"int4\", \"study\": {\"netwrok\": \"mlp\"}}",
        "unknown key 'netwrok'; did you mean 'network'?")]
    [InlineData(
        3, "{\"profile\": \"int4\", \"study\": {\"epochs\": 0}}", "epochs: 0 is less than 1")]
    [InlineData(
        3, "{\"profile\": \"int4\", \"study\": {\"seeds\": [1, 2]}}", "seeds: 2 (supported: one)")]
    [InlineData(
        3, "{\"profile\": \"int4\", \"study\": {\"network\": \"no.onnx\"}}",
        "no.onnx: there is no such file")]
    [InlineData(
        3, "{\"profile\": {\"text\": \"schema: qsim/hardware-profile/1\\nname: x\\nmac: 3\"}}",
        "profile:3:6: mac")]
    [InlineData(2, "{\"arrays\": [{\"name\": \"x\", \"dtype\": \"f4\", \"shape\": [9]}]}",
        "x: 9 f4 are more than the 0 bytes left in the body")]
    [InlineData(2, "{\"arrays\": [{\"name\": \"x\", \"dtype\": \"f8\", \"shape\": []}]}",
        "x: dtype 'f8' (supported: u1, f4, i4)")]
    [InlineData(2, "{\"arrays\": 3}", "arrays: is 3")]
    [InlineData(2,
        "{\"arrays\": [{\"name\": \"x\", \"dtype\": \"u1\", \"shape\": [2147483647, 2147483647, "
            + "2147483647, 4, 0]}]}",
        "arrays: 1 (supported here: 0)")]
    public void Request_ThatCannotBe_IsAnErrorAndTheSessionGoesOn(
        byte kind, string head, string message)
    {
        IReadOnlyList<Heard> heard = Conversation.Answers(
            Conversation.Hello, Conversation.Frame(kind, 5, head), Ping);

        Assert.Equal(FrameKind.Error, heard[1].Kind);
        Assert.Equal(5u, heard[1].Id);
        Assert.Contains(message, heard[1].Error);
        Assert.Equal(2, heard[1].Head.GetProperty("code").GetInt32());
        Assert.Equal((FrameKind.Answer | FrameKind.Ping, 77u), (heard[2].Kind, heard[2].Id));
    }

    [Theory]
    [InlineData("images: value 2 is NaN", 2, float.NaN)]
    [InlineData("images: value 3 is 1.5 (supported: 0..1", 3, 1.5f)]
    [InlineData("images: value 0 is -0.25", 0, -0.25f)]
    public void Forward_ImpossiblePixel_IsNamed(string message, int at, float value)
    {
        float[] pixels = new float[64];
        pixels[at] = value;
        IReadOnlyList<Heard> heard = Conversation.Answers(
            Conversation.Hello, SessionTests.Open("int4"),
            Conversation.Frame(
                4, 3, new() { ["handle"] = 1 }, ("images", [1, 64], pixels)),
            Conversation.Frame(
                4, 4, new() { ["handle"] = 1 }, ("images", [1, 8, 8], new float[64])),
            Conversation.Frame(
                4, 5, new() { ["handle"] = 1 }, ("images", [0, 64], Array.Empty<float>())));

        Assert.Contains(message, heard[2].Error);
        Assert.Contains("images: is 1x8x8 (supported: Nx1x8x8, or Nx64)", heard[3].Error);
        Assert.Empty(heard[4].Array<long>("raw"));
    }

    [Theory]
    [InlineData("7B22FF223A317D")]
    [InlineData("7B2278223A22C3227D")]
    public void Request_WithBytesThatAreNotUtf8_IsRefused(string hex)
    {
        byte[] head = Convert.FromHexString(hex),
            frame = Conversation.Frame(2, 5, new string(' ', head.Length));
        IReadOnlyList<Heard> heard = Conversation.Answers(
            Conversation.Hello, [.. frame[..12], (byte)head.Length, 0, 0, 0, .. head], Ping);

        Assert.Contains("it has a text that is not Unicode", heard[1].Error);
        Assert.Equal(FrameKind.Answer | FrameKind.Ping, heard[2].Kind);
    }

    [Fact]
    public void Request_BeforeHello_IsRefused()
    {
        IReadOnlyList<Heard> heard = Conversation.Answers(Ping, Conversation.Hello, Ping);

        Assert.Equal("hello comes first, with protocol 1", heard[0].Error);
        Assert.Equal(FrameKind.Answer | FrameKind.Ping, heard[2].Kind);
    }

    [Theory]
    [InlineData("04000000 0A0B0C0D", "a frame of 4 bytes (supported: 12..268435456)")]
    [InlineData("0C000000 02000000 05000000 01000000", "a head of 1 bytes in a frame that has 0")]
    [InlineData("0E000000 02000100 05000000 02000000 7B7D", "bytes 5 to 7 of a frame are not zero")]
    public void Frame_ThatCannotBe_IsPassedOver(string hex, string message)
    {
        IReadOnlyList<Heard> heard = Conversation.Answers(
            Conversation.Hello, Convert.FromHexString(hex.Replace(" ", "")), Ping);

        Assert.Contains(message, heard[1].Error);
        Assert.Equal((FrameKind.Answer | FrameKind.Ping, 77u), (heard[2].Kind, heard[2].Id));
    }

    [Fact]
    public void Frame_ThatPromisesMuchAndEnds_TakesNoMemoryForIt()
    {
        byte[] header = [0, 0, 0, 0x10, 4, 0, 0, 0, 9, 0, 0, 0, 2, 0, 0, 0, .. "{}"u8];
        using var said = new MemoryStream();
        var session = new Session(
            new(new MemoryStream([.. Conversation.Hello, .. header]), said), new([]));
        long before = GC.GetAllocatedBytesForCurrentThread();

        RequestException ended = Assert.Throws<RequestException>(
            () => session.Run(CancellationToken.None));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal("the stream ends within a frame", ended.Message);
        Assert.Equal(ended.Message, Conversation.Parse(said.ToArray())[1].Error);
    }
}

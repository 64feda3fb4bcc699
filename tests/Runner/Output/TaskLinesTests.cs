using QSim.Runner.Cluster;

namespace QSim.Runner.Tests.Output;

/// <summary>What a task says reaches its log, or is at least remembered.</summary>
public class TaskLinesTests
{
    [Fact]
    public void Add_Lines_ArriveAtOnce()
    {
        using var log = new MemoryStream();
        using var lines = new TaskLines(log);

        lines.Add("first");
        lines.Add("zwölf");
        lines.Add(null);

        Assert.Equal("zwölf", lines.Last);
        Assert.Equal("first\nzwölf\n"u8.ToArray(), log.ToArray());
    }

    /// <summary>On a thread of the runtime this ended `qsim submit` with a trace.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Add_LogHasNoRoom_IsNoFailure(bool isFull)
    {
        using var lines = new TaskLines(new NoRoom(isFull));

        lines.Add("first");
        lines.Add("No space left on device");

        Assert.Equal("No space left on device", lines.Last);
    }

    private sealed class NoRoom(bool isFull) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => Fail();

        public override void Write(byte[] buffer, int offset, int count) => Fail();

        // .NET says of a file that has grown to its limit that an argument is out of range.
        private void Fail() => throw (isFull
            ? new IOException("No space left on device")
            : new ArgumentOutOfRangeException(nameof(isFull)));
    }
}

using QSim.CudaDriver.Driver;

namespace QSim.Kernels.Tests.Cuda;

/// <summary>
/// Streams that use a place at once where nothing says who comes first: the driver does one after
/// the other all the same, so that results tell nothing.
/// </summary>
public sealed unsafe class StreamTests
{
    private const int Bytes = 16;

    private readonly Card _card = new(watchesStreams: true);
    private readonly nint _one, _two;
    private readonly long _memory;

    public StreamTests()
    {
        (_one, _two) = (_card.CreateStream(false), _card.CreateStream(false));
        _memory = _card.Memory.Allocate(2 * Bytes)!.Value.Start;
    }

    [Fact]
    public void TwoStreams_ThatWriteTheSame_NeedAWait()
    {
        Write(_one);
        Write(_two);
        Refused("a fill of stream", "writes what a fill of stream");

        void Write(nint stream) => _card.Fill(_memory, 1, Bytes, stream);
    }

    [Fact]
    public void TwoStreams_WithAWaitBetween_AreInOrder()
    {
        foreach (nint stream in new[] { _one, _two, _one })
        {
            _card.Fill(_memory, 1, Bytes, stream);
            _card.Wait(stream);
        }

        _card.Fill(_memory, 1, Bytes, _two);
        _card.WaitForAll();
        _card.Fill(_memory, 1, Bytes, _one);
        _card.WaitForAll();
    }

    /// <summary>Memory that is freed elsewhere has a card do everything, by custom alone.</summary>
    [Fact]
    public void WorkThatHappensToBeDone_IsNoOrder()
    {
        long other = _card.Memory.Allocate(8)!.Value.Start;
        _card.Fill(_memory, 1, Bytes, _one);
        _card.Free(other);
        _card.Fill(_memory, 1, Bytes, _two);
        Refused("writes what a fill");
    }

    /// <summary>Waiting for one's own stream says nothing about another's.</summary>
    [Fact]
    public void WaitForTheWrongStream_IsNoOrder()
    {
        _card.Fill(_memory, 1, Bytes, _one);
        _card.Wait(_two);
        _card.Fill(_memory, 1, Bytes, _two);
        Refused("writes what a fill");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(8, false)]
    public void Launch_ThatWritesWhatACopyReads_NeedsAWait(int from, bool isSame)
    {
        Launch(_one);
        CopyAside(_memory + from, 8, _two);
        _card.Finish(_one);
        if (isSame) Refused("a copy of stream", "reads what test of stream", "bytes 0 to 7");
        else _card.WaitForAll();
    }

    /// <summary>Found as well where the reader is done first.</summary>
    [Fact]
    public void Launch_ThatWritesWhatACopyRead_NeedsAWait()
    {
        CopyAside(_memory, Bytes, _two);
        Launch(_one);
        _card.Finish(_two);
        Assert.Contains(
            "test of stream", Assert.Throws<CudaException>(() => _card.Finish(_one)).Message);
    }

    [Fact]
    public void Readers_NeedNoOrder()
    {
        _card.Fill(_memory, 1, Bytes, _one);
        _card.Wait(_one);
        CopyAside(_memory, Bytes, _one);
        CopyAside(_memory, Bytes, _two);
        _card.WaitForAll();

        // But whoever writes waits for both.
        CopyAside(_memory, Bytes, _one);
        CopyAside(_memory, Bytes, _two);
        _card.Finish(_one);
        _card.Wait(_two);
        _card.Fill(_memory, 1, Bytes, _two);
        Refused("writes what a copy of stream", "read");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(Bytes, false)]
    public void Event_PutsInOrderWhatCameBeforeIt(int first, bool isBefore)
    {
        nint mark = Events.Create(_card);
        _card.Fill(_memory, 1, Bytes, _one);
        Events.Record(_card, mark, _one);
        _card.Fill(_memory + Bytes, 1, Bytes, _one);
        Events.Wait(_card, mark);
        _card.Fill(_memory + first, 2, Bytes, _two);
        if (isBefore) _card.WaitForAll();
        else Refused("writes what a fill");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DefaultStream_AndThoseThatWaitForIt_AreInOrder(bool waits)
    {
        nint stream = _card.CreateStream(waits);
        _card.Fill(_memory, 1, Bytes, 0);
        _card.Fill(_memory, 1, Bytes, stream);
        if (waits) _card.WaitForAll();
        else Refused("writes what a fill of stream");
    }

    [Fact]
    public void PinnedMemory_OfTwoCopies_NeedsAWait()
    {
        long value = 1;
        _card.Pin((nint)(&value), sizeof(long));
        _card.Copy((long)&value, _memory, sizeof(long), _one);
        _card.Copy(_memory + Bytes, (long)&value, sizeof(long), _two);
        Refused("a copy of stream");
    }

    [Fact]
    public void FreshMemory_WhereOtherWas_HasNoPast()
    {
        _card.Fill(_memory, 1, Bytes, _one);
        _card.Free(_memory);
        for (int i = 0; i < 100; i++)
        {
            long memory = _card.Memory.Allocate(2 * Bytes)!.Value.Start;
            _card.Fill(memory, 1, Bytes, i % 2 == 0 ? _one : _two);
            _card.Free(memory);
        }

        _card.WaitForAll();
    }

    private void Launch(nint stream)
    {
        nint function = _card.Function(_card.Load(Interpreted.Text("mov.b64 d1,1;")), "test");
        long memory = _memory;
        void* argument = &memory;
        _card.Launch(function, new(1, 1, 1), new(1, 1, 1), 0, stream, &argument, null);
    }

    /// <summary>To memory that nobody else uses.</summary>
    private void CopyAside(long from, long bytes, nint stream) =>
        _card.Copy(_card.Memory.Allocate(bytes)!.Value.Start, from, bytes, stream);

    private void Refused(params string[] parts)
    {
        CudaException e = Assert.Throws<CudaException>(_card.WaitForAll);
        Assert.Equal(CudaResult.IllegalAddress, e.Result);
        Assert.All(parts, p => Assert.Contains(p, e.Message));
        Assert.EndsWith("and neither waits for the other", e.Message);
    }
}

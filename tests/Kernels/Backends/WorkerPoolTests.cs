using QSim.Kernels.Backends;

namespace QSim.Kernels.Tests.Backends;

public class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Run_AgainAndAgain_TakesEveryChunkOnce(int workers)
    {
        using var pool = new WorkerPool(workers);
        int[] taken = new int[50];
        int[] busy = new int[workers];
        for (int run = 0; run < 2000; run++)
        {
            int chunks = run % 50;
            Array.Clear(taken);
            pool.Run(chunks, (worker, chunk) =>
            {
                Assert.Equal(1, Interlocked.Increment(ref busy[worker]));
                taken[chunk]++;
                Interlocked.Decrement(ref busy[worker]);
            });
            Assert.All(taken[..chunks], t => Assert.Equal(1, t));
        }
    }

    [Fact]
    public void Run_FewerThreadsAskedFor_UsesNoMore()
    {
        using var pool = new WorkerPool(4);
        for (int run = 0; run < 500; run++)
        {
            pool.Run(20, (_, _) => { });
            pool.Run(20, (worker, _) => Assert.InRange(worker, 0, 1), most: 2);
        }
    }

    [Fact]
    public void Run_ChunkThrows_ThrowsTheSameOnceAllHaveEnded()
    {
        using var pool = new WorkerPool(3);
        for (int run = 0; run < 100; run++)
        {
            Assert.Equal("7", Assert.Throws<InvalidDataException>(() => pool.Run(
                20, (_, chunk) => _ = chunk == 7 ? throw new InvalidDataException("7") : 0))
                .Message);
            int done = 0;
            pool.Run(20, (_, _) => Interlocked.Increment(ref done));
            Assert.Equal(20, done);
        }
    }

    /// <summary>
    /// Every thread of the thread pool may be a caller: none waits for a helper that has no thread.
    /// </summary>
    [Fact]
    public async Task Run_FromManyThreadsOfThePool_WaitsForNobody()
    {
        int most = 0, done = 0;
        Task[] callers = [.. Enumerable.Range(0, 200).Select(_ => Task.Run(() =>
        {
            using var pool = new WorkerPool(8);
            for (int run = 0; run < 20; run++)
                pool.Run(8, (worker, _) =>
                {
                    Interlocked.Increment(ref done);
                    if (worker > Volatile.Read(ref most)) Volatile.Write(ref most, worker);
                });
        }))];
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(200 * 20 * 8, done);
        Assert.InRange(most, 0, 7);
    }
}

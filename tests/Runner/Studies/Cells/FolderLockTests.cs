using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Tests.Studies.Cells;

/// <summary>One process per folder, whether or not the file system knows locks.</summary>
public class FolderLockTests : IDisposable
{
    private static readonly LockTimes Fast = new()
    {
        Beat = TimeSpan.FromMilliseconds(30),
        Lease = TimeSpan.FromMilliseconds(600),
        Grace = TimeSpan.FromMilliseconds(50),
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Lock => _folder.File(FolderLock.FileName);

    [Fact]
    public void Take_HeldByThisProcess_SaysWho()
    {
        using FolderLock held = FolderLock.Take(_folder.Path, times: Fast);

        IOException e = Assert.Throws<IOException>(() => FolderLock.Take(_folder.Path));

        Assert.Equal(
            $"{_folder.Path}: another qsim (process {Environment.ProcessId} on "
                + $"{Environment.MachineName}) works in it",
            e.Message);
        held.Check();
    }

    [Fact]
    public void Take_AfterItWasGivenBack_LeavesNothing()
    {
        for (int i = 0; i < 3; i++) FolderLock.Take(_folder.Path, times: Fast).Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Take_FromAProcessHereThatIsGone_IsAtOnce()
    {
        File.WriteAllBytes(Lock, (LockHolder.Self() with { Process = int.MaxValue }).ToBytes());
        var notes = new List<string>();

        using FolderLock taken = FolderLock.Take(_folder.Path, notes.Add, Fast);

        Assert.Empty(notes);
        taken.Check();
    }

    [Fact]
    public void Take_FromAnotherMachineWithAClockThatStands_Ends()
    {
        File.WriteAllBytes(Lock, (LockHolder.Self() with { Host = "elsewhere" }).ToBytes());

        using FolderLock taken = FolderLock.Take(
            _folder.Path, times: Fast with { Clock = new StandingClock() });

        taken.Check();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Take_FromAnotherMachine_WaitsForASignOfLife(bool lives)
    {
        // As on a network file system without locks: only the file's beats tell.
        LockHolder other = LockHolder.Self() with { Host = "elsewhere" };
        File.WriteAllBytes(Lock, other.ToBytes());
        using var end = new CancellationTokenSource();
        Task beats = Task.Run(() =>
        {
            for (long n = 1; lives && !end.IsCancellationRequested; n++)
            {
                using (FileStream file = OwnFile.OpenWrite(Lock))
                    file.Write((other with { Beats = n }).ToBytes());
                Thread.Sleep(Fast.Beat);
            }
        });
        var notes = new List<string>();

        // Beats may come late on a busy machine; that they stay away takes as long as the lease.
        LockTimes times = lives ? Fast with { Lease = TimeSpan.FromSeconds(30) } : Fast;

        Exception? e = Record.Exception(
            () => FolderLock.Take(_folder.Path, notes.Add, times).Dispose());
        await end.CancelAsync();
        await beats;

        Assert.Equal(lives, e is IOException);
        if (lives) Assert.Contains("on elsewhere) works in it", e!.Message);
        Assert.Contains("looking for up to", Assert.Single(notes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no lock at all")]
    public void Take_EmptyOrOldLock_IsTakenOver(string content)
    {
        File.WriteAllText(Lock, content);

        using FolderLock taken = FolderLock.Take(_folder.Path, times: Fast);

        taken.Check();
    }

    [Fact]
    public void Check_AnotherTookIt_Fails()
    {
        FolderLock held = FolderLock.Take(_folder.Path, times: Fast);
        File.Delete(Lock);
        Assert.Contains("was removed", Assert.Throws<IOException>(held.Check).Message);
        File.WriteAllBytes(Lock, (LockHolder.Self() with { Since = 1 }).ToBytes());

        Assert.Contains(
            "another process took the folder", Assert.Throws<IOException>(held.Check).Message);
        held.Dispose();
        Assert.True(File.Exists(Lock));
    }

    [Fact]
    public void Take_LockIsALink_IsRefused()
    {
        File.WriteAllText(_folder.File("victim"), "precious");
        File.CreateSymbolicLink(Lock, _folder.File("victim"));

        Assert.Contains(
            "is a link", Assert.Throws<IOException>(() => FolderLock.Take(_folder.Path)).Message);
        Assert.Equal("precious", File.ReadAllText(_folder.File("victim")));
    }

    [Fact]
    public void Take_ManyAtOnce_OneKeepsIt()
    {
        File.WriteAllBytes(Lock, (LockHolder.Self() with { Process = int.MaxValue }).ToBytes());
        var taken = new System.Collections.Concurrent.ConcurrentBag<FolderLock>();

        Parallel.For(0, 8, new() { MaxDegreeOfParallelism = 8 }, _ =>
        {
            if (Record.Exception(() => taken.Add(FolderLock.Take(_folder.Path, times: Fast)))
                is { } e)
                Assert.IsType<IOException>(e);
        });

        Assert.Single(taken).Check();
        foreach (FolderLock one in taken) one.Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Take_ManyOfALeaseOfAnotherMachine_ExactlyOneEachTime()
    {
        for (int round = 0; round < 3; round++)
        {
            File.WriteAllBytes(Lock, (LockHolder.Self() with { Host = "elsewhere" }).ToBytes());
            var taken = new System.Collections.Concurrent.ConcurrentBag<FolderLock>();
            Thread[] contenders =
            [
                .. Enumerable.Range(0, 24).Select(_ => new Thread(() =>
                {
                    if (FolderLock.TakeFile(Lock, "it", null, Fast, out string _) is { } mine)
                        taken.Add(mine);
                })),
            ];
            foreach (Thread one in contenders) one.Start();
            foreach (Thread one in contenders) one.Join();

            Assert.Single(taken).Check();
            foreach (FolderLock one in taken) one.Dispose();
            Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        }
    }

    [Fact]
    public void Take_WhoTookOverIsGoneToo_IsTakenOver()
    {
        File.WriteAllBytes(Lock, (LockHolder.Self() with { Process = int.MaxValue }).ToBytes());
        File.WriteAllBytes(
            $"{Lock}.next{FolderLock.Stale}",
            (LockHolder.Self() with { Process = int.MaxValue - 1 }).ToBytes());

        FolderLock.Take(_folder.Path, times: Fast).Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [SkippableFact]
    public void Take_ByTwoMountsOfOneFolder_OneAtATime()
    {
        string? mount = Programs.Find("mount"), umount = Programs.Find("umount");
        string other = Directory.CreateDirectory(_folder.File("other")).FullName;
        string here = Directory.CreateDirectory(_folder.File("here")).FullName;
        Skip.If(
            mount is null || umount is null || !Run(mount, "--bind", here, other),
            "a folder cannot be mounted a second time here");
        try
        {
            using (FolderLock.Take(here, times: Fast))
                Assert.Contains(
                    "works in it",
                    Assert.Throws<IOException>(() => FolderLock.Take(other, times: Fast)).Message);
            File.WriteAllBytes(
                Path.Combine(here, FolderLock.FileName),
                (LockHolder.Self() with { Host = "elsewhere" }).ToBytes());
            FolderLock?[] taken = new FolderLock?[8];
            Parallel.For(0, 8, new() { MaxDegreeOfParallelism = 8 }, i => taken[i] =
                FolderLock.TakeFile(
                    Path.Combine(i % 2 == 0 ? here : other, FolderLock.FileName), "it", null, Fast,
                    out string _));

            Assert.Single(taken.OfType<FolderLock>()).Check();
            foreach (FolderLock one in taken.OfType<FolderLock>()) one.Dispose();
        }
        finally
        {
            Assert.True(Run(umount!, other));
        }
    }

    [Fact]
    public void LooksAlive_TellsByTheFileServersClock()
    {
        Assert.False(FolderLock.LooksAlive(_folder.Path));
        using (FolderLock.Take(_folder.Path, times: Fast))
            Assert.True(FolderLock.LooksAlive(_folder.Path));
        File.WriteAllBytes(Lock, (LockHolder.Self() with { Host = "elsewhere" }).ToBytes());
        Assert.True(FolderLock.LooksAlive(_folder.Path));

        File.SetLastWriteTimeUtc(Lock, DateTime.UtcNow - TimeSpan.FromMinutes(1));

        Assert.False(FolderLock.LooksAlive(_folder.Path));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    private static bool Run(string program, params string[] arguments) => Ends.Of(
        new System.Diagnostics.ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
        }).ExitCode == 0;

    private sealed class StandingClock : TimeProvider
    {
        public override long GetTimestamp() => 4711;
    }
}

using QSim.Runner.Data.Getting;

namespace QSim.Runner.Tests.Data.Getting;

public class DownloadTests
{
    private static readonly byte[] Content =
        [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 >> 3))];

    [Fact]
    public async Task Run_UndisturbedConnection_BringsTheBytes()
    {
        using var server = new LoopbackServer(new Dictionary<string, byte[]> { ["f"] = Content });
        using var folder = new TemporaryFolder();

        await Run(server, folder);

        Assert.Equal(Content, File.ReadAllBytes(folder.File("f")));
        Assert.Equal(["f"], server.Requests);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Run_ConnectionBreaksTwice_GoesOnWhereItBroke()
    {
        using var server = new LoopbackServer(new Dictionary<string, byte[]> { ["f"] = Content });
        server.BreakAfter.Enqueue(100_000);
        server.BreakAfter.Enqueue(50_000);
        using var folder = new TemporaryFolder();

        await Run(server, folder);

        Assert.Equal(Content, File.ReadAllBytes(folder.File("f")));
        Assert.Equal(["f", "f bytes=100000-", "f bytes=150000-"], server.Requests);
    }

    [Fact]
    public async Task Run_BrokenForGood_KeepsThePartAndALaterRunGoesOn()
    {
        using var server = new LoopbackServer(new Dictionary<string, byte[]> { ["f"] = Content });
        for (int i = 0; i < 4; i++) server.BreakAfter.Enqueue(10_000);
        using var folder = new TemporaryFolder();

        OriginException e = await Assert.ThrowsAsync<OriginException>(() => Run(server, folder));
        bool hadFinalName = File.Exists(folder.File("f"));
        string part = Assert.Single(Directory.GetFiles(folder.Path));
        await Run(server, folder);

        Assert.StartsWith("f: ", e.Message);
        Assert.False(hadFinalName);
        Assert.EndsWith(".part", part);
        Assert.Equal("f bytes=40000-", server.Requests.Last());
        Assert.Equal(Content, File.ReadAllBytes(folder.File("f")));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Run_ServerKnowsNoRanges_StartsAgain()
    {
        using var server = new LoopbackServer(new Dictionary<string, byte[]> { ["f"] = Content })
        {
            KnowsRanges = false,
        };
        server.BreakAfter.Enqueue(100_000);
        using var folder = new TemporaryFolder();

        await Run(server, folder);

        Assert.Equal(Content, File.ReadAllBytes(folder.File("f")));
    }

    [Fact]
    public async Task Run_PartIsLongerThanTheFile_StartsAgain()
    {
        using var server = new LoopbackServer(new Dictionary<string, byte[]> { ["f"] = Content });
        using var folder = new TemporaryFolder();
        using var client = new HttpClient();
        var download = new Download(client, new Uri(server.Address, "f"), folder.File("f"));
        File.WriteAllBytes(download.Part, new byte[Content.Length + 5]);

        await download.Run((_, _) => { }, CancellationToken.None);

        Assert.Equal(Content, File.ReadAllBytes(folder.File("f")));
    }

    [Fact]
    public async Task Run_NoSuchFile_AsksOnceAndSays()
    {
        using var server = new LoopbackServer(new Dictionary<string, byte[]>());
        using var folder = new TemporaryFolder();

        OriginException e = await Assert.ThrowsAsync<OriginException>(() => Run(server, folder));

        Assert.Contains("404", e.Message);
        Assert.Single(server.Requests);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Run_SilentServer_GivesUp()
    {
        using var server = new LoopbackServer(new Dictionary<string, byte[]>())
        {
            SaysNothing = true,
        };
        using var folder = new TemporaryFolder();
        using var client = new HttpClient();
        var download = new Download(client, new Uri(server.Address, "f"), folder.File("f"))
        {
            Patience = TimeSpan.FromMilliseconds(100),
        };

        OriginException e = await Assert.ThrowsAsync<OriginException>(
            () => download.Run((_, _) => { }, CancellationToken.None));

        Assert.Contains("nothing was heard for", e.Message);
    }

    [Fact]
    public async Task Run_Cancelled_KeepsThePart()
    {
        using var server = new LoopbackServer(new Dictionary<string, byte[]> { ["f"] = Content });
        using var folder = new TemporaryFolder();
        using var client = new HttpClient();
        using var stop = new CancellationTokenSource();
        var download = new Download(client, new Uri(server.Address, "f"), folder.File("f"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => download.Run((_, _) => stop.Cancel(), stop.Token));

        Assert.InRange(new FileInfo(download.Part).Length, 1, Content.Length);
        Assert.False(File.Exists(folder.File("f")));
    }

    private static async Task Run(LoopbackServer server, TemporaryFolder folder)
    {
        using var client = new HttpClient();
        await new Download(client, new Uri(server.Address, "f"), folder.File("f")).Run(
            (_, _) => { }, CancellationToken.None);
    }
}

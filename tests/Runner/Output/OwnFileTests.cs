using QSim.Runner.Output;

namespace QSim.Runner.Tests.Output;

/// <summary>Files in a run's folder: regular ones, or none.</summary>
public class OwnFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_MissingFile_IsNullOrCreated()
    {
        string path = _folder.File("a");

        Assert.Null(OwnFile.Read(path));
        using (FileStream file = OwnFile.OpenWrite(path)) file.Write([1, 2]);
        using (FileStream file = OwnFile.OpenWrite(path)) Assert.Equal(2, file.Length);

        Assert.Equal([1, 2], OwnFile.Read(path));
        Assert.Throws<IOException>(() => OwnFile.Create(path));
    }

    [Theory]
    [InlineData("victim")]
    [InlineData("nothing")]
    public void Open_Link_IsRefusedAndLeadsNowhere(string target)
    {
        File.WriteAllText(_folder.File("victim"), "precious");
        string path = _folder.File("link");
        File.CreateSymbolicLink(path, _folder.File(target));

        foreach (Action open in new Action[]
        {
            () => OwnFile.Read(path),
            () => OwnFile.OpenWrite(path),
        })
            Assert.Equal(
                $"{path}: is a link where a file of QSim's own is needed",
                Assert.Throws<IOException>(open).Message);
        Assert.Throws<IOException>(() => OwnFile.Create(path));

        Assert.True(OwnFile.Exists(path));
        Assert.Equal("precious", File.ReadAllText(_folder.File("victim")));
        Assert.False(File.Exists(_folder.File("nothing")));
    }

    [SkippableFact]
    public void Open_PipeOrDevice_EndsAtOnce()
    {
        Skip.If(!File.Exists("/usr/bin/mkfifo"), "mkfifo is not installed");
        Assert.Equal(0, Ends.Of("/usr/bin/mkfifo", _folder.File("pipe")));

        Assert.Throws<IOException>(() => OwnFile.Read(_folder.File("pipe")));
        Assert.Throws<IOException>(() => OwnFile.Read(_folder.Path));
        Assert.Empty(OwnFile.Read("/dev/zero")!);
    }
}

using QSim.Runner.Output;

namespace QSim.Runner.Tests.Output;

/// <summary>A folder that is written whole or not at all.</summary>
public sealed class StagedFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("new")]
    [InlineData("new/deeper")]
    [InlineData("there")]
    public void Fill_ThatFails_LeavesWhatWasThere(string name)
    {
        Directory.CreateDirectory(_folder.File("there"));

        IOException failed = Assert.Throws<IOException>(
            () => StagedFolder.Fill(_folder.File(name), staged =>
            {
                Write(staged, "first.sv");
                throw new IOException($"No space left on device : '{staged}/second.sv'");
            }));

        Assert.Contains(_folder.File($"{name}/second.sv"), failed.Message);
        Assert.Equal(
            [_folder.File("there")],
            Directory.EnumerateFileSystemEntries(
                _folder.Path, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("new")]
    [InlineData("there")]
    public void Fill_WhileAnotherProcessDoes_LeavesWhatThatWrote(string name)
    {
        Directory.CreateDirectory(_folder.File("there"));

        RequestException refused = Assert.Throws<RequestException>(
            () => StagedFolder.Fill(_folder.File(name), staged =>
            {
                Write(staged, "mine");
                Write(_folder.File(name), "theirs");
            }));

        Assert.Contains("was filled by another process", refused.Message);
        Assert.Equal(
            [_folder.File($"{name}/theirs")],
            Directory.EnumerateFileSystemEntries(_folder.File(name)));
    }

    /// <summary>Somebody who stands in it is not put out.</summary>
    [SkippableFact]
    public void Fill_AFolderThatIsThere_StaysThatFolder()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need rights there");
        string real = _folder.File("real"), link = _folder.File("link");
        Directory.CreateDirectory(real);
        Directory.CreateSymbolicLink(link, real);

        StagedFolder.Fill(link, staged =>
        {
            Write(staged, "README.md");
            Write(Path.Combine(staged, "rtl"), "unit.sv");
        });

        Assert.NotNull(new DirectoryInfo(link).LinkTarget);
        Assert.Equal(
            ["README.md", "rtl", "unit.sv"],
            Directory.EnumerateFileSystemEntries(real, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    private static void Write(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name), "whole");
    }
}

using System.Diagnostics;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Output;

/// <summary>
/// Which programs QSim starts: none that the current folder or a repository names.
/// </summary>
public class ProgramsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(".:{0}/bin", "bin/npm")]
    [InlineData(":bin:{0}/bin", "bin/npm")]
    [InlineData("{0}:{0}/bin", "bin/npm")]
    [InlineData("{0}/none:{0}/data:{0}/bin", "bin/npm")]
    [InlineData("{0}/", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Find_OnlyInAbsoluteFoldersThatAreNotTheCurrentOne(string? path, string? expected)
    {
        Skip.If(OperatingSystem.IsWindows());
        foreach (string folder in new[] { "", "bin" }) Script($"{folder}/npm", "true");
        Directory.CreateDirectory(_folder.File("data"));
        File.WriteAllText(_folder.File("data/npm"), "no program");

        string? found = Programs.Find("npm", path?.Replace("{0}", _folder.Path), _folder.Path);

        Assert.Equal(expected is null ? null : _folder.File(expected), found);
    }

    [Fact]
    public void Commands_ProgramsInTheCurrentFolder_AreNotStarted()
    {
        foreach (string name in new[] { "git", "npm", "apt-get", "dpkg-deb" })
            Script(name, $"echo {name} >> {_folder.File("started")}");

        Finished run = Qsim.RunIn(
            _folder.Path, "run", "--images", "2", "--epochs", "1", "--attacks", "fgsm",
            "--epsilons", "0.1", "--profile", "int4", "--out", "r", "--quiet");
        using Process get = Qsim.Start(
            _folder.Path, ["data", "get", "mnist", "--quiet"], new() { ["PATH"] = ".:" });
        Finished got = Qsim.Finish(get);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("npm: 'npm' is not installed", got.Error);
        Assert.False(File.Exists(_folder.File("started")));
    }

    [SkippableFact]
    public void Commit_IsWhatGitSays_OfBranchesPackedBranchesAndWorktrees()
    {
        Skip.If(Programs.Find("git") is null, "git is not installed");
        Directory.CreateDirectory(_folder.File("r/below"));
        Git("r", "init", "-q");
        Assert.Null(GitCommit.Of(_folder.File("r/below")));
        Git("r", "commit", "-q", "--allow-empty", "-m", "one");
        string first = Git("r", "rev-parse", "HEAD");
        Assert.Equal(first, GitCommit.Of(_folder.File("r/below")));

        Git("r", "pack-refs", "--all");
        Assert.Equal(first, GitCommit.Of(_folder.File("r")));

        Git("r", "worktree", "add", "-q", "-b", "side", _folder.File("w"));
        Git("w", "commit", "-q", "--allow-empty", "-m", "two");
        Assert.NotEqual(first, GitCommit.Of(_folder.File("w")));
        Assert.Equal(Git("w", "rev-parse", "HEAD"), GitCommit.Of(_folder.File("w")));
        Git("r", "checkout", "-q", "--detach");
        Assert.Equal(first, GitCommit.Of(_folder.File("r")));
    }

    [Theory]
    [InlineData("ref: ../../secret")]
    [InlineData("ref: refs/heads/../../../secret")]
    [InlineData("ref: refs/heads/none")]
    [InlineData("not a commit")]
    [InlineData("")]
    public void Commit_HeadIsNone_IsNull(string head)
    {
        Directory.CreateDirectory(_folder.File(".git"));
        File.WriteAllText(_folder.File("secret"), new string('a', 40));
        File.WriteAllText(_folder.File(".git/HEAD"), head);

        Assert.Null(GitCommit.Of(_folder.Path));
    }

    private void Script(string name, string command)
    {
        string path = _folder.File(name.TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\n{command}\n");
        if (OperatingSystem.IsWindows()) return;
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    private string Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Programs.Find("git")!,
            ["-c", "user.name=a", "-c", "user.email=a@b", .. arguments])
        {
            WorkingDirectory = _folder.File(folder),
            RedirectStandardOutput = true,
        };
        Finished git = Ends.Of(start);
        Assert.Equal(0, git.ExitCode);
        return git.Out.Trim();
    }
}

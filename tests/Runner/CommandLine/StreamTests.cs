using System.Diagnostics;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Streams that a shell closed, filled, or made of something else.</summary>
public sealed class StreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Its number is one of the runtime's own pipes by then, on which nobody ever writes.
    /// </summary>
    [SkippableFact]
    public void Serve_StdinIsClosed_IsOneLine()
    {
        Finished closed = Shell("\"$0\" serve <&- | cat");

        Assert.Equal("qsim: stdin is closed\n", closed.Error);
        Assert.Equal("", closed.Out);
    }

    [SkippableFact]
    public void Serve_StdinIsEmpty_Ends()
    {
        Finished empty = Shell("\"$0\" serve </dev/null | cat");
        Finished pipe = Shell(": | \"$0\" serve | cat");

        Assert.Equal((0, "", ""), (empty.ExitCode, empty.Out, empty.Error));
        Assert.Equal((0, "", ""), (pipe.ExitCode, pipe.Out, pipe.Error));
    }

    [SkippableTheory]
    [InlineData("profiles")]
    [InlineData("man")]
    [InlineData("run --help")]
    public void Results_StdoutIsFull_SaysOfWhat(string command)
    {
        Skip.If(!File.Exists("/dev/full"), "there is no /dev/full");
        Finished full = Shell($"\"$0\" {command} >/dev/full");

        Assert.Equal(2, full.ExitCode);
        Assert.Equal("qsim: stdout: No space left on device\n", full.Error);
    }

    [SkippableTheory]
    [InlineData("explain taps --out p")]
    [InlineData("report r --out p")]
    public void Out_IsAPipe_IsRefusedAtOnce(string command)
    {
        Finished pipe = Shell($"mkfifo p && exec timeout 60 \"$0\" {command}");

        Assert.Equal((2, ""), (pipe.ExitCode, pipe.Out));
        Assert.Equal("qsim: p: is a pipe where a file is needed (--out)\n", pipe.Error);
    }

    /// <summary>By a file's limit, which a full disk is like.</summary>
    [SkippableTheory]
    [InlineData("explain taps --out t.npz", "t.npz")]
    [InlineData("certify --certify complete --epsilons 1/255 --certificates proofs", "study.json")]
    [InlineData("explain overflow --cache nets", ".claim")]
    public void Out_HasNoRoom_NamesTheFileAndLeavesNothing(string command, string named)
    {
        int limit = named == "t.npz" ? 32 : 0;
        Finished run = Shell(
            $"trap '' XFSZ; ulimit -f {limit}; export DOTNET_EnableWriteXorExecute=0; "
                + $"exec \"$0\" {command} --profile int4 --epochs 1 --images 20 2>&1 | cat");

        Assert.Contains(named, run.Out.TrimEnd().Split('\n')[^1]);
        Assert.DoesNotContain("internal error", run.Out);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(_folder.File("proofs")));
    }

    private Finished Shell(string script)
    {
        Skip.If(!File.Exists("/bin/bash"), "there is no bash");
        using Process process = Process.Start(new ProcessStartInfo(
            "/bin/bash", ["-c", script, Path.Combine(AppContext.BaseDirectory, "qsim")])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        return Qsim.Finish(process);
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using QSim.Runner.Tests.Serving;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.CommandLine;

/// <summary><c>qsim serve</c> as programs start it.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Serve_OnPipes_GivesTheRegistersThatExplainWrites()
    {
        Finished explained = Qsim.RunIn(
            _folder.Path,
            "explain", "taps", "--epochs", "1", "--images", "20", "--profile", "int8-acc-wrap",
            "--image", "all", "--outputs-only", "--out", "taps.npz");
        Assert.Equal(0, explained.ExitCode);
        IReadOnlyDictionary<string, NpyArray> taps = NpzFile.Read(
            File.ReadAllBytes(_folder.File("taps.npz")));
        float[] images = Conversation.Answers(
            Conversation.Hello, SessionTests.Open("int4"),
            Conversation.Frame(8, 3, "{\"handle\": 1, \"count\": 20}"))[2].Array<float>("images");

        (int code, byte[] said, string error) = Serve(
        [
            .. Conversation.Hello, .. SessionTests.Open("int8-acc-wrap"),
            .. Conversation.Frame(
                4, 3, new JsonObject { ["handle"] = 1 }, ("images", [20, 64], images)),
            .. Conversation.Frame(
                5, 4, new JsonObject { ["handle"] = 1 }, ("images", [20, 64], images)),
        ]);

        IReadOnlyList<Heard> heard = Conversation.Parse(said);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(taps["dense2.output"].ToIntegers(), heard[2].Array<long>("raw"));
        foreach (string layer in (string[])["conv1", "pool1", "dense1", "dense2"])
            Assert.Equal(
                taps[$"{layer}.output"].ToIntegers(),
                heard[3].Array<int>(layer).Select(v => (long)v));
    }

    [Fact]
    public void Serve_GarbageOnStdin_IsAnErrorFrameAndExitCode2()
    {
        (int code, byte[] said, string error) = Serve([200, 0, 0, 0, 1, 2, 3]);

        Assert.Equal(2, code);
        Assert.Equal("qsim: the stream ends within a frame", error.Trim());
        Assert.Equal("the stream ends within a frame", Conversation.Parse(said)[0].Error);
    }

    [SkippableFact]
    public async Task Serve_OnASocket_IsItsOwnersAndGoesWithTheProcess()
    {
        Skip.If(OperatingSystem.IsWindows(), "modes of files are Unix'");
        string path = _folder.File("s");
        using Process process = Qsim.Start(_folder.Path, "serve", "--socket", "s");
        Assert.Equal(
            $"listening on {path}",
            await process.StandardError.ReadLineAsync().WaitAsync(Ends.Limit));

        if (!OperatingSystem.IsWindows())
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        using Socket first = Connect(path), second = Connect(path);
        foreach (Socket client in (Socket[])[first, second])
        {
            byte[] answer = new byte[4096];
            client.Send([.. Conversation.Hello, .. Conversation.Frame(2, 5, "{}")]);
            int read = 0;
            while (read == 0 || Conversation.Parse(answer[..read]).Count < 2)
                read += client.Receive(answer.AsSpan(read));
            Assert.Equal(5u, Conversation.Parse(answer[..read])[1].Id);
        }

        Finished twice = Qsim.RunIn(_folder.Path, "serve", "--socket", "s");
        Assert.Equal(2, twice.ExitCode);
        Assert.Contains("another server listens there", twice.Error);
        Signal(process, "TERM");
        Assert.Equal(130, Ends.Of(process).ExitCode);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Serve_SocketInTheWayOfAFile_IsRefusedAndTheFileStays()
    {
        File.WriteAllText(_folder.File("mine"), "");
        Finished run = Qsim.RunIn(_folder.Path, "serve", "--socket", "mine");
        Finished nowhere = Qsim.RunIn(_folder.Path, "serve", "--socket", "no/s");
        Finished deep = Qsim.RunIn(_folder.Path, "serve", "--socket", new string('x', 200));

        Assert.Equal((2, 2, 2), (run.ExitCode, nowhere.ExitCode, deep.ExitCode));
        Assert.Equal("qsim: --socket no/s: there is no such folder", nowhere.Error.Trim());
        Assert.Contains("is there already", run.Error);
        Assert.StartsWith("qsim: --socket xxx", deep.Error);
        Assert.EndsWith(
            ": its path is longer than a socket's may be (107 bytes on Linux)", deep.Error.Trim());
        Assert.True(File.Exists(_folder.File("mine")));
    }

    /// <summary>.NET has no word for some reasons of the system's, a read-only disk among them.
    /// </summary>
    [SkippableFact]
    public void Serve_SocketWhereNoneCanBeMade_SaysWhy()
    {
        Skip.If(!Directory.Exists("/sys/kernel"), "there is no /sys");
        Finished run = Qsim.RunIn(_folder.Path, "serve", "--socket", "/sys/kernel/s");

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.StartsWith("qsim: --socket /sys/kernel/s: ", run.Error);
        Assert.DoesNotContain("Unknown", run.Error);
    }

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, 0);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.ReceiveTimeout = (int)Ends.Limit.TotalMilliseconds;
        return socket;
    }

    private static void Signal(Process process, string signal) =>
        Ends.Of("kill", $"-{signal}", $"{process.Id}");

    private static (int Code, byte[] Said, string Error) Serve(byte[] sent)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "qsim"), ["serve"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
        };
        start.Environment.Remove("QSIM_TRACE");
        using Process process = Process.Start(start)!;
        Finished serve = Ends.Of(process, sent);
        return (serve.ExitCode, Encoding.Latin1.GetBytes(serve.Out), serve.Error);
    }
}

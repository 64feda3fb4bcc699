namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// Clocks that stand, race or jump (a virtual machine that was paused, a time server): libfaketime
/// stands between the run and the system. Every run ends, with the bytes of one on a right clock.
/// </summary>
/// <remarks>
/// Where the monotonic clock stands as well, .NET itself does: its waits for threads never end, in
/// commands too that ask no clock (qsim convert).
/// </remarks>
public sealed class ClockTests(ClockTests.Undisturbed whole) : IClassFixture<ClockTests.Undisturbed>
{
    private const int SegmentationFault = 139;
    private const string OnlyWall = "FAKETIME_DONT_FAKE_MONOTONIC";

    private static readonly string[] Smallest =
    [
        "run", "--images", "16", "--epochs", "1", "--attacks", "fgsm", "--epsilons", "0.1",
        "--profile", "int4", "--out", "r", "--quiet",
    ];

    [SkippableTheory]
    [InlineData("2020-01-01 00:00:00", true)]
    [InlineData("@2040-01-01 00:00:00 x5000", true)]
    [InlineData("+0 x20", false)]
    public void Run_ClockIsWrong_EndsWithEqualBytes(string time, bool onlyWall)
    {
        string? faketime = Library();
        Skip.If(faketime is null, "libfaketime (Debian faketime) is not installed");
        using var folder = new TemporaryFolder();

        Finished run = Run(folder, faketime!, time, onlyWall, Smallest);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(whole.Files, Undisturbed.Of(folder));
    }

    [SkippableFact]
    public void Run_ClockStandsAndSomebodyWorksThere_IsToldSo()
    {
        string? faketime = Library();
        Skip.If(faketime is null, "libfaketime (Debian faketime) is not installed");
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("r"));
        using var other = QSim.Runner.Studies.Cells.CellStore.Open(folder.File("r"));

        Finished run = Run(folder, faketime!, "2020-01-01 00:00:00", true, Smallest);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("works in it", run.Error);
    }

    private static Finished Run(
        TemporaryFolder folder, string library, string time, bool onlyWall, string[] command)
    {
        Dictionary<string, string> environment = new()
        {
            ["LD_PRELOAD"] = library,
            ["FAKETIME"] = time,
            [OnlyWall] = onlyWall ? "1" : "0",
        };

        // libfaketime's semaphores end a process with a segmentation fault now and then (twice in
        // some twenty whole runs of the tests, never in 146 runs by hand): the same command goes
        // on.
        Finished run = Once();
        for (int again = 0; run.ExitCode == SegmentationFault && again < 2; again++) run = Once();
        return run;

        Finished Once()
        {
            using var process = Qsim.Start(folder.Path, command, environment);
            return Qsim.Finish(process);
        }
    }

    private static string? Library() => !OperatingSystem.IsLinux()
        ? null
        : Directory.GetDirectories("/usr/lib", "*-linux-gnu*")
            .Select(f => Path.Combine(f, "faketime/libfaketimeMT.so.1"))
            .FirstOrDefault(File.Exists);

    /// <summary>The same run on a right clock.</summary>
    public sealed class Undisturbed
    {
        /// <summary>Runs it.</summary>
        public Undisturbed()
        {
            using var folder = new TemporaryFolder();
            Assert.Equal(0, Qsim.RunIn(folder.Path, Smallest).ExitCode);
            Files = Of(folder);
        }

        /// <summary>Everything but what says when it was.</summary>
        internal Dictionary<string, string> Files { get; }

        internal static Dictionary<string, string> Of(TemporaryFolder folder) => Directory
            .GetFiles(folder.File("r"))
            .Where(f => Path.GetFileName(f)
                is not ("manifest.json" or "report.html" or "report.md"))
            .ToDictionary(f => Path.GetFileName(f), File.ReadAllText);
    }
}

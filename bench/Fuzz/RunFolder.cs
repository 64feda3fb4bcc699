using QSim.Runner;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Differences;
using QSim.Runner.Studies.Saved;
using QSim.Simulator;

namespace QSim.Fuzz;

/// <summary>
/// The folder of a small run, made by the command itself, of which one file after the other is a
/// mutant.
/// </summary>
internal sealed class RunFolder
{
    private const string Folder = "run", Whole = "whole", Saved = "adv";

    /// <summary>Networks and images of its runs.</summary>
    public const string Cache = "cache";

    /// <summary>Once in so many mutants, the study's command goes on in the folder.</summary>
    public const int EveryRun = 50;

    /// <summary>Once in so many, what could be read is made a report.</summary>
    private const int EveryReport = 5;

    private static readonly string[] StudyCommand =
    [
        "run", "small.yaml", "--quiet", "--cache", Cache, "--save-images", Saved, "--out",
    ];

    /// <summary>Of a line: lists of what is supported are the longest.</summary>
    public const int Most = Brief.MostOfOwnWords + 60;

    private readonly LoadedRun _whole;

    /// <summary>Runs the study twice over: one folder stays as it is.</summary>
    public RunFolder()
    {
        foreach (string folder in (string[])[Whole, Folder])
            if (Execute(folder) is var (code, said) && code != 0)
                throw new InvalidOperationException($"the study ends with {code}: {said}");
        _whole = LoadedRun.Read(Whole);
    }

    /// <summary>A certificate; made when first needed.</summary>
    public Certified Certified => field ??= new();

    private CachedFiles Cached => field ??= new();

    /// <summary>Golden vectors; made when first needed.</summary>
    public Vectored Vectored => field ??= new();

    /// <summary>A right file of a run, or the first of its folder of a kind.</summary>
    public string Right(string name) => name switch
    {
        "cached-images" => Directory.GetFiles($"{Cache}/images").Order().First(),
        "cached-network" => Directory.GetFiles($"{Cache}/networks").Order().First(),
        "saved" => Directory.GetFiles(Saved, "*.npz").Order().First(),
        "certificate" => Certified.Path,
        _ when name.StartsWith(Vectored.Golden, StringComparison.Ordinal) => Vectored.Right(name),
        _ => Path.Combine(Whole, name),
    };

    /// <summary>Reports and compares a run one of whose files is a mutant.</summary>
    public Outcome Read(string name, byte[] bytes, int turn)
    {
        string path = Path.Combine(Folder, name);
        Put(path, bytes);
        try
        {
            if (turn % EveryRun == 0) return Complete();
            LoadedRun run = LoadedRun.Read(Folder);
            if (turn % EveryReport != 0)
            {
                _ = run.Report(Check);
                return Outcome.Read;
            }

            var report = ReportBuilder.Of(run.Report(Check));
            foreach (string format in (string[])[ReportFiles.Html, ReportFiles.Markdown])
                ReportFiles.Of(report, format);
            RunDifference.Between(_whole, run);
            return Outcome.Executed;
        }
        finally
        {
            Restore(turn % EveryRun == 0 ? Directory.GetFiles(Whole) : [Path.Combine(Whole, name)]);
        }
    }

    private static void Restore(string[] files)
    {
        Directory.CreateDirectory(Folder);
        foreach (string file in files)
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
    }

    /// <summary>Whatever became of a file, the command completes its run or says why not.</summary>
    private static Outcome Complete() => Command([.. StudyCommand, Folder]);

    /// <summary>
    /// A network or images in the cache: read and run, and seldom by a whole study again.
    /// </summary>
    public Outcome Use(string seed, byte[] bytes, int turn)
    {
        string path = Right(seed);
        byte[] right = File.ReadAllBytes(path);
        Put(path, bytes);
        try
        {
            if (turn % EveryRun != 0) return Cached.Use(path, turn);
            Directory.Delete(Folder, recursive: true);
            return Complete();
        }
        finally
        {
            Put(path, right);
            if (turn % EveryRun == 0) Restore(Directory.GetFiles(Whole));
        }
    }

    /// <summary>Saved images, judged again.</summary>
    public Outcome Judge(byte[] bytes, int turn)
    {
        string path = Path.Combine(Saved, "judged.npz");
        Put(path, bytes);
        SavedCell.Read(path);
        if (turn % EveryRun != 0) return Outcome.Read;
        return Command(["attack-check", path, "--cache", Cache]);
    }

    /// <summary>A command, which does its work or says in one line why not.</summary>
    public static Outcome Command(string[] arguments)
    {
        (int code, string said) = Execute(arguments);
        return code switch
        {
            0 or 1 => Outcome.Executed,
            2 when said.Split('\n').All(l => l.Length <= Most) => Outcome.Refused,
            _ => throw new InvalidOperationException($"ends with {code}: {said}"),
        };
    }

    private static void Check(string note)
    {
        if (note.Length > Most)
            throw new InvalidOperationException($"a note of {note.Length} characters");
    }

    private static (int Code, string Said) Execute(string folder) =>
        Execute([.. StudyCommand, folder]);

    private static (int Code, string Said) Execute(string[] arguments)
    {
        using var said = new StringWriter();
        var screen = new Screen(TextWriter.Null, said, false, false, false);
        return (Cli.RunAsync(arguments, screen).GetAwaiter().GetResult(), said.ToString());
    }

    private static void Put(string path, byte[] bytes) => File.WriteAllBytes(path, bytes);
}

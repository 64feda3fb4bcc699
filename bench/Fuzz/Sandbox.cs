using System.Text;
using QSim.Kernels.Backends.Memory;
using QSim.Runner.Commands;
using QSim.Runner.Conformance;
using QSim.Runner.Data;
using QSim.Runner.Studies;

namespace QSim.Fuzz;

/// <summary>A folder with right files beside which a mutant is put.</summary>
internal sealed class Sandbox : IDisposable
{
    private static readonly string Seeds = Path.Combine(AppContext.BaseDirectory, "FuzzSeeds");

    private static readonly string[] Profiles =
    [
        "int8-wide", "int8-acc-sat", "hls4ml-default", "tflite-int8", "acc12-sat", "int4",
        "qnnpack", "binary-w1a8", "int8-acc-wrap", "cmsis-nn-int8",
    ];

    private readonly Dictionary<string, byte[]> _seeds = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("qsim-fuzz").FullName;

    /// <summary>A folder with every right file, which is made the current one.</summary>
    public Sandbox()
    {
        GuardedPages.AreUsed = OperatingSystem.IsLinux();
        Directory.SetCurrentDirectory(_folder);
        Restore();
    }

    /// <summary>Right files in the place of what another format's mutants left.</summary>
    public void Restore()
    {
        foreach (string seed in Directory.GetFiles(Seeds))
            File.Copy(seed, Path.GetFileName(seed), overwrite: true);
    }

    /// <summary>What a run leaves; made when first needed.</summary>
    public RunFolder Run => field ??= new();

    /// <summary>What shows costs; made when first needed.</summary>
    public Costed Costed => field ??= new();

    /// <summary>A right file, one of a run as well.</summary>
    public byte[] Seed(string name)
    {
        if (_seeds.TryGetValue(name, out byte[]? known)) return known;
        string path = Path.Combine(Seeds, name);
        return _seeds[name] = File.ReadAllBytes(File.Exists(path) ? path : Run.Right(name));
    }

    /// <summary>The mutant's index, which chooses profiles, and what is done seldom.</summary>
    public int Mutant { get; set; }

    /// <summary>Writes a mutant; gives its name.</summary>
    public string Put(string name, byte[] bytes)
    {
        if (Path.GetDirectoryName(name) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        File.WriteAllBytes(name, bytes);
        return name;
    }

    /// <summary>Puts a right file under another name.</summary>
    public void Copy(string seed, string name)
    {
        if (!File.Exists(name)) Put(name, Seed(seed));
    }

    /// <summary>Two classes of PNG images, the mutant one of them; gives their folder.</summary>
    public string Pngs(string seed, byte[] bytes)
    {
        string folder = Path.GetFileNameWithoutExtension(seed);
        foreach (string part in (string[])["train", "test"])
            foreach (string label in (string[])["a", "b"])
                Copy(seed, $"{folder}/{part}/{label}/1.png");
        Put($"{folder}/test/a/1.png", bytes);
        return $"{folder}/";
    }

    /// <summary>Reads everything that a study names, and runs one image of it.</summary>
    public Outcome Study(string network, string data, string? profile = null) => Execution.Run(
        new StudySettings
        {
            Network = network,
            Dataset = data,
            Profiles = [profile ?? Profiles[Mutant % Profiles.Length]],
            Images = 1,
            CalibrationImages = 1,
            Attacks = ["fgsm"],
        },
        new DataFolders(["."]), Mutant);

    /// <summary>A study that a mutant writes down.</summary>
    public Outcome StudyFile(byte[] bytes)
    {
        StudySettings settings = QSim.Runner.Studies.StudyFile.Read(Put("s.yaml", bytes)).Settings;
        return Execution.Run(settings, new DataFolders(["."]), Mutant);
    }

    /// <summary>Replays results that a mutant states.</summary>
    public Outcome Conform(string file) =>
        Replay.Run(file, new(null, 3)).First.All(line => line.Length <= 2000)
            ? Outcome.Executed
            : throw new InvalidOperationException("a line of a report is too long");

    /// <summary>
    /// A command that a line of a mutant spells; a trial of a study's speed takes seconds and is
    /// seldom made.
    /// </summary>
    public Outcome Command(byte[] bytes)
    {
        string[] lines = Encoding.UTF8.GetString(bytes).Replace("\0", "").Split('\n');
        string[] words = lines[Mutant % lines.Length].Split(' ');
        bool isStudy = words[0] is "run" or "";
        DryRun.Limit = TimeSpan.FromSeconds(Mutant % RunFolder.EveryRun == 0 ? 25 : 0);
        return RunFolder.Command(isStudy ? [.. words, "--dry-run"] : words);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.SetCurrentDirectory(Path.GetTempPath());
        Directory.Delete(_folder, recursive: true);
    }
}

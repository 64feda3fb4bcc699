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

    private readonly string _folder = Directory.CreateTempSubdirectory("qsim-fuzz").FullName;
    private int _turn;

    /// <summary>A folder with every right file, which is made the current one.</summary>
    public Sandbox()
    {
        foreach (string seed in Directory.GetFiles(Seeds))
            File.Copy(seed, Path.Combine(_folder, Path.GetFileName(seed)));
        Directory.SetCurrentDirectory(_folder);
    }

    /// <summary>A right file.</summary>
    public static byte[] Seed(string name) => File.ReadAllBytes(Path.Combine(Seeds, name));

    /// <summary>Chooses the profiles of mutants by their index.</summary>
    public void Turn(int mutant) => _turn = mutant;

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
            Profiles = [profile ?? Profiles[_turn % Profiles.Length]],
            Images = 1,
            CalibrationImages = 1,
            Attacks = ["fgsm"],
        },
        new DataFolders(["."]));

    /// <summary>A study that a mutant writes down.</summary>
    public Outcome StudyFile(byte[] bytes)
    {
        StudySettings settings = QSim.Runner.Studies.StudyFile.Read(Put("s.yaml", bytes)).Settings;
        return Execution.Run(settings, new DataFolders(["."]));
    }

    /// <summary>Replays results that a mutant states.</summary>
    public Outcome Conform(string file) =>
        Replay.Run(file, new(null, 3)).First.All(line => line.Length <= 2000)
            ? Outcome.Executed
            : throw new InvalidOperationException("a line of a report is too long");

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.SetCurrentDirectory(Path.GetTempPath());
        Directory.Delete(_folder, recursive: true);
    }
}

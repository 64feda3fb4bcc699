using QSim.Certificates.Checking;
using QSim.Certificates.Proofs;
using QSim.Runner.Data;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;

namespace QSim.Fuzz;

/// <summary>
/// A certificate of a small study, made by the command itself, and what checks its mutants.
/// </summary>
internal sealed class Certified
{
    private const string Folder = "certificates";

    private static readonly string[] Study =
        ["small.yaml", "--profile", "int4", "--images", "12", "--cache", RunFolder.Cache];

    private readonly Proof _right;
    private readonly ProofChecker _checker;

    /// <summary>Certifies a few images, and quantizes the program that they are of.</summary>
    public Certified()
    {
        RunFolder.Command(
            [
                "certify", .. Study, "--epsilons", "1/255", "--certificates", Folder, "--quiet",
            ]);
        Path = Directory.GetFiles(Folder, "int4-*.json").Order().First(
            f => !f.EndsWith(DecidedFiles.Broken) && !f.EndsWith(DecidedFiles.Undecided));
        _right = CertificateFile.Read(Path).Proof;
        StudySettings settings = StudyFile.Read("small.yaml").Settings with
        {
            Profiles = ["int4"],
            Images = 12,
        };
        StudyInputs inputs = StudyInputs.Read(settings, new DataFolders(["."]))
            .ForSeed(settings.Seed);
        using NetworkList trained = NetworkList.Train(
            inputs, new(inputs.Resolve()), new NetworkCache(new ContentCache(RunFolder.Cache)),
            threads: 1, new Silent(), CancellationToken.None);
        using HardwareList hardware = HardwareList.Create(
            inputs, new Silent(), t => trained.Of(t).Network);
        _checker = new(hardware.All[0].Simulation.Program);
    }

    /// <summary>The right one.</summary>
    public string Path { get; }

    /// <summary>
    /// Checks a mutant: what holds of these very inputs has the label that the right one has.
    /// </summary>
    public Outcome Check(byte[] bytes, int turn)
    {
        string path = System.IO.Path.Combine(Folder, "mutant.json");
        File.WriteAllBytes(path, bytes);
        if (turn % RunFolder.EveryRun == 0)
            return RunFolder.Command(["certify", "check", path, "--cache", RunFolder.Cache]);
        Proof proof = CertificateFile.Read(path).Proof;
        if (_checker.Check(proof) is not null) return Outcome.Read;
        bool isOfThese = Enumerable.Range(0, proof.Low.Length).All(
            i => proof.Low[i] <= _right.Low[i] && proof.High[i] >= _right.High[i]);
        return isOfThese && proof.Label != _right.Label
            ? throw new InvalidOperationException("two labels are certified of the same inputs")
            : Outcome.Executed;
    }
}

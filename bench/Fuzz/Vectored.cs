namespace QSim.Fuzz;

/// <summary>Golden vectors of a small network, made by the command itself, and results for them.
/// </summary>
internal sealed class Vectored
{
    /// <summary>The folder of vectors.</summary>
    public const string Golden = "golden";

    private const string Results = "simulated";
    private readonly string _folder = Directory.GetCurrentDirectory();

    public Vectored()
    {
        RunFolder.Command(
            [
                "vectors", "--profile", "int4", "--network", "dense.yaml", "--data", "grey.npz",
                "--images", "0", "--out", Golden,
            ]);
        Directory.CreateDirectory(Results);
    }

    /// <summary>The path of a right file, by its name in the folder and the folder's.</summary>
    public string Right(string name) => Path.Combine(_folder, name);

    /// <summary>Results of a simulation, or the manifest of the vectors themselves.</summary>
    public Outcome Compare(string seed, byte[] bytes)
    {
        bool isResult = !seed.EndsWith("manifest.json", StringComparison.Ordinal);
        byte[] right = File.ReadAllBytes(seed);
        string path = isResult ? Path.Combine(Results, Path.GetFileName(seed)) : seed;
        File.WriteAllBytes(path, bytes);
        try
        {
            return RunFolder.Command(
                ["conform", "--vectors", Golden, isResult ? path : $"{Golden}/hex"]);
        }
        finally
        {
            if (!isResult) File.WriteAllBytes(seed, right);
        }
    }
}

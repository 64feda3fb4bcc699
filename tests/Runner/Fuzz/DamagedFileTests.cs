using QSim.Kernels.Datapath;
using QSim.Runner.Conformance;
using QSim.Runner.Data;
using QSim.Runner.Data.Sources;
using QSim.Simulator;
using QSim.Simulator.Networks.Files;

namespace QSim.Runner.Tests.Fuzz;

/// <summary>
/// Files that once ended a reader in an exception of the runtime (shared/cases/damaged; the name
/// says the reader): now each is read, or refused in words.
/// </summary>
public class DamagedFileTests
{
    [SkippableFact]
    public void Read_DamagedFiles_AreReadOrRefused()
    {
        string folder = Path.Combine(Shared.Folder ?? "", "cases", "damaged");
        Skip.IfNot(Shared.Folder is not null && Directory.Exists(folder), "shared/ is not there");
        int read = 0;
        foreach (string file in Directory.GetFiles(folder, "*.bin"))
        {
            string reader = Path.GetFileName(file).Split('_')[0];
            if (!Readers.TryGetValue(reader, out Action<string>? open)) continue;
            read++;
            try
            {
                open(file);
            }
            catch (Exception e) when (
                e is InputException or RequestException or InvalidDataException)
            {
                Assert.All(
                    e.Message.Split('\n'),
                    line => Assert.InRange(line.Length, 1, Brief.Most + (2 * file.Length)));
            }
        }

        Assert.True(read >= 12, $"{read} files");
    }

    private static readonly Dictionary<string, Action<string>> Readers = new()
    {
        ["npz"] = file => Weights(file, "w.npz"),
        ["pt"] = file => Weights(file, "w.pt"),
        ["ptpkl"] = file => Weights(file, "w.pt"),
        ["onnx"] = file => As(file, "net.onnx", path =>
            NetworkFile.Load(path, new TensorShape(1, 8, 8))),
        ["datanpz"] = file => As(file, "data.npz", path =>
            DatasetList.Find(path).Load(new DataFolders([]))),
        ["png"] = file => PngImage.Decode(File.ReadAllBytes(file), file),
        ["cifargz"] = file => As(file, "cifar-10-binary.tar.gz", path =>
            new Cifar10Source().Load(new DataFolders([Path.GetDirectoryName(path)!]))),
        ["convnpz"] = file => Replay.Run(file, new(null, 3)),
        ["macjsonl"] = file => Replay.Run(file, new(null, 3)),
    };

    private static void Weights(string file, string name) => As(file, name, path =>
    {
        string network = Path.Combine(Path.GetDirectoryName(path)!, "net.yaml");
        File.WriteAllText(
            network,
            $"schema: qsim/network/1\nweights: {name}\nlayers:\n  - {{type: dense, name: fc}}\n");
        NetworkFile.Load(network, new TensorShape(8));
    });

    private static void As(string file, string name, Action<string> open)
    {
        using var folder = new TemporaryFolder();
        File.Copy(file, folder.File(name));
        open(folder.File(name));
    }
}

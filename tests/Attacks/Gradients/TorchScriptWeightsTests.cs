using System.IO.Compression;
using System.Text;
using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;

namespace QSim.Attacks.Tests.Gradients;

/// <summary>
/// Weights that PyTorch 1.13 saved (tests/Simulator/Networks/Files/Golden/make.py).
/// </summary>
[Collection("torch")]
public class TorchScriptWeightsTests
{
    private const string ScriptFile = "resnet.torchscript.pt";
    private static readonly TensorShape Shape = new(3, 9, 9);
    private static readonly string? Missing = GradientEngineList.Find("torch")!.WhyUnavailable;

    private static byte[] Script => File.ReadAllBytes(Golden(ScriptFile));

    [SkippableFact]
    public void Load_TorchScript_IsTheNetworkThatSafetensorsHold()
    {
        Skip.If(Missing is not null, Missing);
        FloatNetwork expected = NetworkFile.Load(Golden("resnet.yaml"), Shape).Network;

        FloatNetwork network = Load(Script);

        Assert.Equal(
            expected.Layers.SelectMany(l => l.Parameters).SelectMany(p => p),
            network.Layers.SelectMany(l => l.Parameters).SelectMany(p => p));
        float[] image = [.. Enumerable.Range(0, Shape.Length).Select(i => (i * 37 % 256) / 255f)];
        float[] logits = FloatForward.Run(network, image)[^1];
        Assert.Equal(FloatForward.Run(expected, image)[^1], logits);
        Assert.Equal(4, logits.Distinct().Count());
    }

    [Theory]
    [InlineData("/data/0", 80)]
    [InlineData("/data.pkl", 100)]
    public void Load_ByteChanged_NamesTheDamagedEntry(string entry, int offset)
    {
        byte[] damaged = Script;
        damaged[damaged.AsSpan().IndexOf(Encoding.ASCII.GetBytes(entry)) + offset] ^= 1;

        Assert.EndsWith(
            $"w.pt: damaged: 'resnet.torchscript{entry}' does not have its checksum",
            Refusal(damaged));
    }

    [Fact]
    public void Load_NameInTheDirectoryChanged_SaysSo()
    {
        byte[] damaged = Script;
        damaged[damaged.AsSpan().LastIndexOf("linear.py"u8)] = (byte)'L';

        Assert.EndsWith(
            "w.pt: damaged: its directory names entries that are not there", Refusal(damaged));
    }

    /// <summary>Code that libtorch cannot compile would end the process.</summary>
    [Fact]
    public void Load_OperatorsOfALibrary_AreRefusedBeforeLibtorchSeesThem()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            archive.CreateEntry("m/constants.pkl").Open().Dispose();
            using var code = new StreamWriter(archive.CreateEntry("m/code/__torch__.py").Open());
            code.Write(
                "    x = ops.prim.NumToTensor(1)\n    return ops.torchvision.nms(x, x, 0.5)\n");
        }

        Assert.EndsWith(
            "w.pt: operators of 'torchvision' are not libtorch's own (supported: aten, prim, prims, quantized)",
            Refusal(stream.ToArray()));
    }

    [Fact]
    public void Load_StateDictPickledByTorchSave_SaysWhatToUseInstead()
    {
        const string expected = "w.pt: pickled by torch.save, which only Python can read " +
            "(supported: torch.jit.save, or safetensors)";
        Assert.EndsWith(expected, Refusal(File.ReadAllBytes(Golden("resnet.state_dict.pt"))));
        Assert.EndsWith(expected, Refusal([0x80, 2, 0x8A, 10, .. new byte[50]]));
    }

    [Fact]
    public void Load_CutShortOrNoArchive_SaysSo()
    {
        Assert.EndsWith("w.pt: not a TorchScript archive, or damaged", Refusal(Script[..20_000]));
        Assert.EndsWith("w.pt: not a TorchScript archive, or damaged", Refusal([]));
        Assert.EndsWith(
            "w.pt: not a TorchScript archive",
            Refusal(File.ReadAllBytes(Golden("lenet.weights.npz"))));
    }

    [Fact]
    public void Read_WithoutLibtorch_SaysWhy() =>
        Assert.Equal(
            "TorchScript takes libtorch to read: there is none",
            Assert
                .Throws<InvalidDataException>(() =>
                    TorchScriptWeights.Read(Script, "there is none")
                )
                .Message
        );

    private static string Refusal(byte[] weights) =>
        Assert.Throws<InputException>(() => Load(weights)).Message;

    /// <summary>The golden network, with other weights.</summary>
    private static FloatNetwork Load(byte[] weights)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("qsim-test-");
        try
        {
            string path = Path.Combine(folder.FullName, "n.yaml");
            File.WriteAllText(
                path,
                File.ReadAllText(Golden("resnet.yaml")).Replace("resnet.safetensors", "w.pt"));
            File.WriteAllBytes(Path.Combine(folder.FullName, "w.pt"), weights);
            return NetworkFile.Load(path, Shape, TorchScriptWeights.Format).Network;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Golden(string file)
    {
        string? folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder!, "QSim.sln")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder!, "tests", "Simulator", "Networks", "Files", "Golden", file);
    }
}

using QSim.Attacks.Gradients;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks.Files.PyTorch;
using TorchSharp;

namespace QSim.Attacks.Tests.TorchSharp;

/// <summary>QSim reads PyTorch's files itself; libtorch reads the same out of them.</summary>
[Collection("torch")]
public class TorchScriptTests
{
    private static readonly string? Missing = GradientEngineList.Find("torch")!.WhyUnavailable;

    [SkippableFact]
    public void Read_TorchScript_IsWhatLibtorchReads()
    {
        Skip.If(Missing is not null, Missing);
        byte[] file = File.ReadAllBytes(Golden("resnet.torchscript.pt"));
        IReadOnlyDictionary<string, NpyArray> arrays = PyTorchFile.Read(file);
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.jit.ScriptModule module = torch.jit.load(file, DeviceType.CPU);
        (string Name, torch.Tensor Value)[] expected =
        [
            .. module.named_parameters().Select(p => (p.name, (torch.Tensor)p.parameter)),
            .. module.named_buffers().Select(b => (b.name, b.buffer)),
        ];

        Assert.Equal(expected.Select(e => e.Name).Order(), arrays.Keys.Order());
        foreach ((string name, torch.Tensor value) in expected)
        {
            Assert.Equal(value.shape, arrays[name].Shape.Select(extent => (long)extent));
            Assert.Equal(value.detach().contiguous().bytes.ToArray(), arrays[name].Data);
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

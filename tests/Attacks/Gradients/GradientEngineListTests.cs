using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Gradients;

/// <summary>
/// In one collection with all that call libtorch: its tensors are counted, its threads are the
/// process's.
/// </summary>
[Collection("torch")]
public class GradientEngineListTests
{
    [Fact]
    public void All_HasARowForEveryEngine() =>
        Assert.Equal(
            ["ilgpu", "managed", "torch", "torch-cuda"],
            GradientEngineList.All.Select(e => e.Name).Order());

    [Fact]
    public void All_UsableRows_CreateModelsThatSayTheirName()
    {
        FloatNetwork network = TestNetworks.Create("dense");
        foreach (
            IGradientEngine engine in GradientEngineList.All.Where(e => e.WhyUnavailable is null))
        {
            using ITrainableModel model = engine.Create(network);
            Assert.Equal(engine.Name, model.Engine);
        }
    }

    [Fact]
    public void All_UnusableRows_SayWhyAndRefuse()
    {
        FloatNetwork network = TestNetworks.Create("dense");
        foreach (
            IGradientEngine engine in GradientEngineList.All.Where(e =>
                e.WhyUnavailable is not null
            )
        )
            Assert.Contains(
                engine.WhyUnavailable!,
                Assert.Throws<NotSupportedException>(() => engine.Create(network)).Message);
    }

    [Fact]
    public void Default_WithoutAGpu_IsManaged()
    {
        bool gpu = GradientEngineList.Find("torch-cuda")!.WhyUnavailable is null;
        bool ilgpu = BackendList.Find("cuda")!.WhyUnavailable is null;
        Assert.Equal(
            gpu ? "torch-cuda" : ilgpu ? "ilgpu" : "managed",
            GradientEngineList.Default(Fixtures.Bars.Network).Name);
    }

    [Fact]
    public void Find_UnknownName_FindsNothing() => Assert.Null(GradientEngineList.Find("jax"));

    /// <summary>
    /// Without libtorch its tests are skipped one by one; without TorchSharp they are not compiled
    /// in.
    /// </summary>
    [SkippableFact]
    public void Torch_IsUsable()
    {
        IGradientEngine torch = GradientEngineList.Find("torch")!;
        Skip.If(
            torch.WhyUnavailable is not null,
            $"the tests of tests/Attacks/TorchSharp: {torch.WhyUnavailable}");
        Assert.IsNotType<ManagedGradientModel>(torch);
    }
}

using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Ilgpu;

/// <summary>Networks with layers that one engine knows and another does not.</summary>
public class EngineChoiceTests
{
    /// <summary>Whatever the default is on a machine, it can differentiate the network.</summary>
    [Fact]
    public void Default_LayerThatAnEngineDoesNotKnow_IsAnEngineThatDoes()
    {
        var network = new FloatNetwork("n", new(2),
        [
            new DynamicQuantizeLayer("quantize", [0]),
            new DenseLayer("dense", [1], 2, [1, 2, 3, 4], [0, 0]),
        ]);
        IGradientEngine chosen = GradientEngineList.Default(network);
        Assert.NotEqual("ilgpu", chosen.Name);
        using ITrainableModel model = chosen.Create(network);

        IGradientEngine device = new IlgpuGradientEngine(
            (IlgpuBackend)BackendList.Find("ilgpu-cpu")!);
        Assert.Equal(
            "layer 'quantize': the ilgpu gradient engine has no dynamic_quantize",
            device.WhyNot(network));
        Assert.Equal(
            device.WhyNot(network),
            Assert.Throws<NotSupportedException>(() => device.Create(network)).Message);
        Assert.Null(device.WhyNot(Fixtures.Bars.Network));
    }
}

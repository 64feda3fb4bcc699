using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Tests.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>
/// The memory of a gradient step through hardware. No other test runs beside it: what they ask
/// for would be counted.
/// </summary>
[Collection("alone")]
public class HardwareStepMemoryTests
{
    [Theory]
    [InlineData("conv-relu-dense", "int8-wide")]
    [InlineData("lenet5", "int8-acc-sat")]
    [InlineData("lenet5", "hls4ml-default")]
    [InlineData("mlp", "int8-wide")]
    public void Differentiate_Again_AllocatesNothing(string name, string profile)
    {
        const int count = 128;
        FloatNetwork network = name == "conv-relu-dense"
            ? new NetworkBuilder(name, new(1, 28, 28))
                .Conv(32, 3, padding: 1).Relu().Flatten().Dense(10).Build()
            : NetworkPresets.Create(name);
        float[] images = TestNetworks.Images(network, count);
        QuantizedProgram program = Chip.Quantize(
            network, images.AsMemory(0, 8 * network.Input.Length), profile);
        using var hardware = new Simulation(program, BackendList.Find("simd")!);
        using var model = new ManagedGradientModel(network, 2);
        var target = new HardwareClassifier(hardware, profile, model);
        var answer = new StepAnswer(network, count);

        // All threads are counted: the least of some steps.
        long here = long.MaxValue, everywhere = long.MaxValue;
        for (int step = 0; step < 30 && everywhere > 0; step++)
        {
            long all = GC.GetTotalAllocatedBytes(true), own = Own();
            answer.Ask(target, images);
            here = Math.Min(here, Own() - own);
            everywhere = Math.Min(everywhere, GC.GetTotalAllocatedBytes(true) - all);
        }

        Assert.InRange(here, 0, 512);
        Assert.InRange(everywhere, 0, 64 * 1024);

        static long Own() => GC.GetAllocatedBytesForCurrentThread();
    }
}

/// <summary>Tests that run when all others have ended, one at a time.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public static class Alone;

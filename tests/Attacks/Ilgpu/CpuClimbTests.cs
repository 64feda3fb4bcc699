using ILGPU.Runtime.CPU;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Tests.Ilgpu;
using QSim.Simulator;

namespace QSim.Attacks.Tests.Ilgpu;

/// <summary>On ILGPU's debugger.</summary>
public sealed class CpuClimbTests : ClimbTests
{
    protected override IBackend Device => TestDevices.Cpu("ilgpu-cpu:climbs");

    /// <summary>Without doubles the host works the bounds out: they are the same.</summary>
    [Fact]
    public void FloatNetwork_WithoutDoubles_EndsAtTheSamePixels()
    {
        ClimbImages images = Start(), bare = Start();
        Make(TestDevices.Cpu("ilgpu-cpu:climbs"), images);
        Make(
            new IlgpuBackend(
                "ilgpu-cpu:no-doubles", CPUDevice.Default,
                new(Specializes: false) { AllowsDoubles = false }),
            bare);
        Assert.Equal(images.Pixels, bare.Pixels);
        Assert.NotEqual(Start().Pixels, bare.Pixels);
    }

    /// <summary>
    /// Memory is taken once for batches that need no more of it; what was for another forward pass
    /// is given back, and none is left in the end.
    /// </summary>
    [Fact]
    public void Make_OfSeveralBatches_TakesItsMemoryOnce()
    {
        var listener = new DeviceListener();
        var device = (IlgpuBackend)TestDevices.Cpu("ilgpu-cpu:kept-climbs", listener: listener);
        using (ITrainableModel model = new IlgpuGradientEngine(device).Create(Network, 1))
        using (Simulation wide = On("int8-wide"), wrap = On("int8-acc-wrap"))
        {
            IClimber network = new FloatClassifier(model),
                first = new HardwareClassifier(wide, "wide", model),
                second = new HardwareClassifier(wrap, "wrap", model);
            float[] once = Pixels(network);
            (int taken, int live) = (listener.Allocations, listener.Live);
            Assert.Equal(once, Pixels(network));
            Assert.Equal(once[..(3 * model.Input.Length)], Pixels(network, 3));
            Assert.Equal(taken, listener.Allocations);

            float[] hardware = Pixels(first);
            Assert.True(listener.Allocations > taken);
            Assert.NotEqual(hardware, Pixels(second));
            Assert.Equal(hardware, Pixels(first));
            Assert.Equal(once, Pixels(network));
            Assert.Equal(live, listener.Live);
        }

        Assert.Equal(0, listener.Live);

        Simulation On(string profile) =>
            new(Chip.Quantize(Network, Start().Pixels, profile), device);
    }

    private static float[] Pixels(IClimber climber, int count = 6)
    {
        ClimbImages images = Start(count);
        climber.Make(Climb with { Steps = 2 }, images, CancellationToken.None);
        return images.Pixels;
    }
}

using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>What every launch asks of a plan.</summary>
public sealed class PackedPlanTests
{
    /// <summary>Laws come from all weights; a launch looks them up.</summary>
    [Theory]
    [MemberData(nameof(PackedPrograms.Names), MemberType = typeof(PackedPrograms))]
    public void Checks_AskedAtEveryLaunch_AllocateNothing(string name)
    {
        var layer = (MacLayer)PackedPrograms.Of(name, inputSigned: true).Layers[0];
        PackedPlan plan = PackedPlan.Of(layer)!.Value;
        int checks = plan.Checks(layer, events: true);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int launch = 0; launch < 10; launch++)
            checks += plan.Checks(layer, events: launch % 2 == 0);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(checks, 0, 11);
    }
}

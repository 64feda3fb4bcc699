using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>What every launch asks of a plan.</summary>
public sealed class PackedPlanTests
{
    public static TheoryData<string> Names => [.. LawPrograms.Names];

    /// <summary>Laws come from all weights; a launch looks them up.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Checks_AskedAtEveryLaunch_AllocateNothing(string name)
    {
        var layer = (MacLayer)LawPrograms.Of(name, inputSigned: true).Layers[0];
        PackedPlan plan = PackedPlan.Of(layer)!.Value;
        int checks = plan.Checks(events: true);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int launch = 0; launch < 10; launch++)
            checks += plan.Checks(events: launch % 2 == 0);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(checks, 0, 11);
    }
}

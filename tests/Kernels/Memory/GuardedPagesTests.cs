using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Memory;

/// <summary>Buffers are no longer than they say, and what is asked of them is.</summary>
public unsafe class GuardedPagesTests
{
    [Fact]
    public void AlignedMemory_AskedForMore_Refuses()
    {
        var memory = new AlignedMemory(40);
        Assert.True(memory.At<int>(8, 8) != null);
        Assert.Throws<InvalidOperationException>(() => memory.At<int>(8, 9) != null);
        Assert.Throws<InvalidOperationException>(() => memory.At<int>(-1, 1) != null);
        Assert.Throws<InvalidOperationException>(() => memory.At<long>(0, long.MaxValue) != null);
    }

    [Fact]
    public void AlignedMemory_LargerThanAnArray_IsASizeError() =>
        Assert.Throws<SizeException>(() => new AlignedMemory(1L << 40));

    [SkippableFact]
    public void GuardedPages_WriteBehindTheEnd_IsFound()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "guard pages are Linux's");
        var clean = new GuardedPages(1000, 16);
        clean.Start[999] = 1;
        clean.Dispose();
        int before = GuardedPages.Violations;
        var pages = new GuardedPages(1000, 16);
        pages.Start[1000] = 1;
        pages.Dispose();
        Assert.Equal(before + 1, GuardedPages.Violations);
    }
}

using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>Large arrays on their way to a device and back.</summary>
public class StagingTests
{
    private static readonly DeviceSession Session =
        DeviceSession.Open("ilgpu-cpu:staging", CPUDevice.Default, new(Specializes: false));

    private static AcceleratorStream Stream => Session.Accelerator.DefaultStream;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Staging.Half)]
    [InlineData((3 * Staging.Half) + 7)]
    [InlineData(200_001)]
    public void Bring_ThenTake_GivesTheSame(int length)
    {
        lock (Session)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(i => i + 0.5f)];
            float[] back = new float[length];
            using MemoryBuffer1D<float, Stride1D.Dense> room = Session.Allocate<float>(length + 9);
            Session.Staging.Bring(Stream, values, room.View);
            Session.Staging.Take(Stream, room.View, back);
            Assert.True(values.AsSpan().SequenceEqual(back));
        }
    }

    /// <summary>Rows that fill a half, that leave some of it, and that are longer.</summary>
    [Theory]
    [InlineData(5, 1)]
    [InlineData(9000, 1000)]
    [InlineData(5, Staging.Half / 2)]
    [InlineData(3, (Staging.Half / 2) + 1)]
    [InlineData(3, Staging.Half + 5)]
    public void Fill_PutsEachRowInItsPlace(int rows, int length)
    {
        lock (Session)
        {
            using MemoryBuffer1D<int, Stride1D.Dense> room = Session.Allocate<int>(
                (long)rows * length);
            Session.Staging.Fill(Stream, rows, length, room.View, (first, values) =>
            {
                Assert.Equal(0, values.Length % length);
                for (int i = 0; i < values.Length; i++) values[i] = (first * length) + i;
            });
            int[] all = room.GetAsArray1D();
            for (int i = 0; i < all.Length; i++)
                if (all[i] != i) Assert.Fail($"{all[i]} at {i}");
        }
    }
}

/// <summary>CUDA answers threads only that the device was made the own of.</summary>
[Trait("Device", "cuda")]
public sealed class CudaThreadTests
{
    [SkippableFact]
    public void AllocatePinned_ByAThreadThatIsNewToTheDevice_GivesMemory()
    {
        IBackend cuda = BackendList.Find("cuda")!;
        Skip.If(cuda.WhyUnavailable is not null, cuda.WhyUnavailable);
        DeviceSession session = ((IlgpuBackend)cuda).Open();
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() =>
        {
            lock (session) session.Free(session.AllocatePinned(9));
        }));
        thread.Start();
        thread.Join();
        Assert.Null(thrown);
    }
}

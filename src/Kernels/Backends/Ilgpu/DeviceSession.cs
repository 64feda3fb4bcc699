using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using QSim.Kernels.Backends.Ilgpu.Matrix;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// A device in use: one accelerator that all programs on it share, with the kernels compiled so
/// far. It lasts as long as the process, so that a second program finds the first one's kernels,
/// unless the device fails.
/// </summary>
internal sealed class DeviceSession
{
    private static readonly Dictionary<string, DeviceSession> Sessions = [];

    private readonly Context _context;
    private readonly DeviceOptions _options;
    private readonly ReaderWriterLockSlim _beside = new();

    private DeviceSession(string name, Device device, DeviceOptions options)
    {
        Name = name;
        _options = options;
        Multiplier = options.Multiplier ?? ByteMultipliers.Of(device);
        _context = Context.Create(b =>
            b.Optimize(OptimizationLevel.O2).Inlining(InliningMode.Aggressive)
        );
        Accelerator = device.CreateAccelerator(_context);
        Kernels = new(Accelerator, options.Specializes);
        Staging = new(this);
        if (Accelerator is CudaAccelerator cuda) Modules = new(cuda);
    }

    /// <summary>The backend's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The device.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>What multiplies packed bytes.</summary>
    public ByteMultiplier Multiplier { get; }

    /// <summary>Launchers; each compiles when first used with new modes.</summary>
    public KernelSet Kernels { get; }

    /// <summary>Kernels that ILGPU cannot compile; null where the device is not CUDA.</summary>
    public CudaModules? Modules { get; }

    /// <summary>The way of large arrays to the device and back.</summary>
    public Staging Staging { get; }

    /// <summary>What is kept from call to call, and who has it in use.</summary>
    public KeptMemory Kept { get; } = new();

    /// <summary>Whether kernels may compute in double.</summary>
    public bool HasDoubles => _options.AllowsDoubles
        && Accelerator is not CLAccelerator { Capabilities.Float64: false };

    /// <summary>True once the device failed: nothing can be run or freed any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>
    /// Bytes that may be allocated: what CUDA says is free, of other devices a quarter of all.
    /// </summary>
    public long FreeBytes => Math.Min(
        _options.MemoryLimit ?? long.MaxValue,
        Accelerator is CudaAccelerator cuda ? cuda.GetFreeMemory() : Accelerator.MemorySize / 4);

    /// <summary>Joins the session on a device, or begins one.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public static DeviceSession Open(string name, Device device, DeviceOptions options)
    {
        lock (Sessions)
        {
            if (Sessions.TryGetValue(name, out DeviceSession? session)) return session;
            try
            {
                return Sessions[name] = new DeviceSession(name, device, options);
            }
            catch (Exception e) when (DeviceFailures.IsDriver(e))
            {
                throw DeviceFailures.Explain(name, e);
            }
        }
    }

    /// <summary>Memory on the device; others give up for it what they only keep.</summary>
    public MemoryBuffer1D<T, Stride1D.Dense> Allocate<T>(long length)
        where T : unmanaged => Insist(() =>
        {
            _options.Listener?.Allocating(length * Interop.SizeOf<T>());
            MemoryBuffer1D<T, Stride1D.Dense> buffer = Accelerator.Allocate1D<T>(length);
            _options.Listener?.Allocated(buffer);
            return buffer;
        });

    /// <summary>Memory on the device, filled.</summary>
    public MemoryBuffer1D<T, Stride1D.Dense> Upload<T>(T[] values)
        where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> buffer = Allocate<T>(values.Length);
        try
        {
            buffer.CopyFromCPU(values);
            return buffer;
        }
        catch
        {
            Free(buffer);
            throw;
        }
    }

    /// <summary>Memory of the host that the device reads and writes by itself.</summary>
    public PageLockedArray1D<int> AllocatePinned(long length)
    {
        // Of what ILGPU does on a device, this alone does not make it the thread's own first.
        Accelerator.Bind();
        return Insist(() => Accelerator.AllocatePageLocked1D<int>(length));
    }

    private T Insist<T>(Func<T> allocate)
    {
        try
        {
            return allocate();
        }
        catch (Exception e) when (DeviceFailures.IsOutOfMemory(e))
        {
            if (!Kept.Release()) throw;
        }

        return allocate();
    }

    /// <summary>Work by whoever holds the session meanwhile.</summary>
    /// <exception cref="DeviceException">The device fails, or did.</exception>
    public T Hold<T>(Func<T> work)
    {
        lock (this)
        {
            if (IsClosed) throw DeviceFailures.Gone(Name);
            try
            {
                return work();
            }
            catch (Exception e) when (DeviceFailures.IsDriver(e))
            {
                throw Fail(e);
            }
        }
    }

    /// <summary>
    /// Work beside whoever holds the session: copies on a stream of one's own, between memory that
    /// nobody else uses meanwhile. The device is not closed before it is done.
    /// </summary>
    /// <exception cref="DeviceException">The device fails, or did.</exception>
    public void Beside(Action work)
    {
        try
        {
            _beside.EnterReadLock();
            try
            {
                if (IsClosed) throw DeviceFailures.Gone(Name);
                work();
            }
            finally
            {
                _beside.ExitReadLock();
            }
        }
        catch (Exception e) when (DeviceFailures.IsDriver(e))
        {
            lock (this) throw Fail(e);
        }
    }

    /// <summary>Called before a layer is queued.</summary>
    public void Launching() => _options.Listener?.Launching();

    /// <summary>Frees memory; what a failed device refuses to free went with it.</summary>
    public void Free(IDisposable? memory)
    {
        try
        {
            memory?.Dispose();
        }
        catch (Exception e) when (IsClosed && DeviceFailures.IsDriver(e))
        {
        }
    }

    /// <summary>
    /// One line about what the driver reported. Without memory a device goes on, else it is closed.
    /// </summary>
    public DeviceException Fail(Exception e)
    {
        if (!DeviceFailures.IsOutOfMemory(e)) Close();
        return DeviceFailures.Explain(Name, e);
    }

    /// <summary>The next program begins a new session.</summary>
    private void Close()
    {
        lock (Sessions) if (Sessions.GetValueOrDefault(Name) == this) Sessions.Remove(Name);
        _beside.EnterWriteLock();
        try
        {
            if (IsClosed) return;
            IsClosed = true;
            Free(Accelerator);
            Free(_context);
        }
        finally
        {
            _beside.ExitWriteLock();
        }
    }
}

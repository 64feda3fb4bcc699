using System.Runtime.InteropServices;
using System.Text;

namespace QSim.CudaDriver.Driver;

/// <summary>The functions of the CUDA driver that ILGPU calls, by their names in C.</summary>
internal static unsafe class Exports
{
    private const int ErrorLog = 5;
    private const int ErrorLogSize = 6;

    private static readonly Card Card = new(CardFacts.WatchesRaces, CardFacts.WatchesStreams);

    /// <summary>The context that the thread has; 0 for none, as each begins.</summary>
    [ThreadStatic]
    private static nint _context;

    [UnmanagedCallersOnly(EntryPoint = "cuInit")]
    private static int Initialise(int flags) => 0;

    [UnmanagedCallersOnly(EntryPoint = "cuDriverGetVersion")]
    private static int Version(int* version) => Put(version, CardFacts.DriverVersion);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGet")]
    private static int Device(int* device, int ordinal) => Put(device, ordinal);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetCount")]
    private static int DeviceCount(int* count) => Put(count, 1);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetName")]
    private static int DeviceName(byte* name, int length, int device) => Anywhere(() =>
    {
        var room = new Span<byte>(name, length);
        room.Clear();
        Encoding.ASCII.GetBytes(CardFacts.Name, room);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceTotalMem_v2")]
    private static int TotalMemory(nint* bytes, int device) =>
        Put(bytes, checked((nint)CardFacts.Memory));

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetAttribute")]
    private static int Attribute(int* value, int attribute, int device) =>
        Put(value, CardFacts.Attribute(attribute));

    [UnmanagedCallersOnly(EntryPoint = "cuCtxCreate_v2")]
    private static int CreateContext(nint* context, int flags, int device) => Anywhere(() =>
        *context = _context = Card.NewHandle());

    [UnmanagedCallersOnly(EntryPoint = "cuCtxDestroy_v2")]
    private static int DestroyContext(nint context) => Anywhere(() =>
    {
        Card.FinishAll();
        if (_context == context) _context = 0;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSetCurrent")]
    private static int SetContext(nint context) => Anywhere(() => _context = context);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSynchronize")]
    private static int Synchronize() => Call(Card.WaitForAll);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxGetCacheConfig")]
    private static int CacheConfig(int* config) => Put(config, 0);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSetCacheConfig")]
    private static int SetCacheConfig(int config) => 0;

    [UnmanagedCallersOnly(EntryPoint = "cuCtxGetSharedMemConfig")]
    private static int SharedConfig(int* config) => Put(config, 0);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSetSharedMemConfig")]
    private static int SetSharedConfig(int config) => 0;

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceCanAccessPeer")]
    private static int CanAccessPeer(int* can, int device, int peer) => Put(can, 0);

    [UnmanagedCallersOnly(EntryPoint = "cuMemGetInfo_v2")]
    private static int MemoryInfo(nint* free, nint* total) => Call(() =>
        (*free, *total) = ((nint)Card.Memory.Free, (nint)Card.Memory.Total));

    [UnmanagedCallersOnly(EntryPoint = "cuMemAlloc_v2")]
    private static int Allocate(nint* address, nint bytes) => Call(() =>
        *address = Card.Memory.Allocate(bytes) is { } allocation
            ? (nint)allocation.Start
            : throw new CudaException(CudaResult.OutOfMemory, ""));

    [UnmanagedCallersOnly(EntryPoint = "cuMemFree_v2")]
    private static int Free(nint address) => Call(() => Card.Free(address));

    [UnmanagedCallersOnly(EntryPoint = "cuMemAllocHost_v2")]
    private static int AllocateHost(nint* address, nint bytes) => Call(() =>
    {
        *address = (nint)NativeMemory.Alloc((nuint)bytes);
        Card.Pin(*address, bytes);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemFreeHost")]
    private static int FreeHost(nint address) => Call(() =>
    {
        Card.Pin(address, null);
        NativeMemory.Free((void*)address);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemHostRegister_v2")]
    private static int Register(nint address, nint bytes, int flags) => Call(() =>
        Card.Pin(address, bytes));

    [UnmanagedCallersOnly(EntryPoint = "cuMemHostUnregister")]
    private static int Unregister(nint address) => Call(() => Card.Pin(address, null));

    [UnmanagedCallersOnly(EntryPoint = "cuMemHostGetDevicePointer_v2")]
    private static int DevicePointer(nint* device, nint host, int flags) => Put(device, host);

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyAsync")]
    private static int Copy(nint to, nint from, nint bytes, nint stream) => Call(() =>
        Card.Copy(to, from, bytes, stream));

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD8Async")]
    private static int Fill(nint to, byte value, nint bytes, nint stream) => Call(() =>
        Card.Fill(to, value, bytes, stream));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamCreate")]
    private static int CreateStream(nint* stream, int flags) => Call(() =>
        *stream = Card.CreateStream((flags & 1) == 0));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamDestroy_v2")]
    private static int DestroyStream(nint stream) => Call(() => Card.DestroyStream(stream));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamSynchronize")]
    private static int FinishStream(nint stream) => Call(() => Card.Wait(stream));

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorString")]
    private static int ErrorText(int error, byte** text) => Anywhere(() =>
        *text = (byte*)Marshal.StringToCoTaskMemUTF8(
            Enum.GetName((CudaResult)error) ?? $"error {error}"));

    [UnmanagedCallersOnly(EntryPoint = "cuModuleLoadData")]
    private static int Load(nint* module, byte* text) =>
        LoadWithOptions(module, text, 0, null, null);

    [UnmanagedCallersOnly(EntryPoint = "cuModuleLoadDataEx")]
    private static int LoadEx(nint* module, byte* text, int count, int* options, nint* values) =>
        LoadWithOptions(module, text, count, options, values);

    [UnmanagedCallersOnly(EntryPoint = "cuModuleUnload")]
    private static int Unload(nint module) => Call(() => Card.Unload(module));

    [UnmanagedCallersOnly(EntryPoint = "cuModuleGetFunction")]
    private static int Function(nint* function, nint module, byte* name) => Call(() =>
        *function = Card.Function(module, Marshal.PtrToStringUTF8((nint)name)!));

    [UnmanagedCallersOnly(EntryPoint = "cuLaunchKernel")]
    private static int Launch(
        nint function, int groupsX, int groupsY, int groupsZ, int threadsX, int threadsY,
        int threadsZ, int sharedBytes, nint stream, void** arguments, void** block) => Call(() =>
        Card.Launch(
            function, new(groupsX, groupsY, groupsZ), new(threadsX, threadsY, threadsZ),
            sharedBytes, stream, arguments, block));

    [UnmanagedCallersOnly(EntryPoint = "cuOccupancyMaxActiveBlocksPerMultiprocessor")]
    private static int ActiveGroups(int* groups, nint function, int threads, nint bytes) =>
        Put(groups, CardFacts.MostThreads / Math.Max(1, threads));

    [UnmanagedCallersOnly(EntryPoint = "cuOccupancyMaxPotentialBlockSize")]
    private static int BestGroup(
        int* groups, int* threads, nint function, void* callback, nint bytes, int limit) =>
        Put(groups, CardFacts.Multiprocessors) + Put(threads, limit > 0 ? Math.Min(limit, 96) : 96);

    [UnmanagedCallersOnly(EntryPoint = "cuEventCreate")]
    private static int CreateEvent(nint* handle, int flags) => Call(() =>
        *handle = Events.Create(Card));

    [UnmanagedCallersOnly(EntryPoint = "cuEventDestroy_v2")]
    private static int DestroyEvent(nint handle) => Call(() => Events.Destroy(handle));

    [UnmanagedCallersOnly(EntryPoint = "cuEventQuery")]
    private static int QueryEvent(nint handle) => Call(() => Events.Wait(Card, handle));

    [UnmanagedCallersOnly(EntryPoint = "cuEventRecord")]
    private static int RecordEvent(nint handle, nint stream) => Call(() =>
        Events.Record(Card, handle, stream));

    [UnmanagedCallersOnly(EntryPoint = "cuEventSynchronize")]
    private static int WaitForEvent(nint handle) => Call(() => Events.Wait(Card, handle));

    [UnmanagedCallersOnly(EntryPoint = "cuEventElapsedTime")]
    private static int Elapsed(float* milliseconds, nint start, nint end) => Call(() =>
        *milliseconds = Events.Between(start, end));

    private static int LoadWithOptions(
        nint* module, byte* text, int count, int* options, nint* values) => Call(
        () => *module = Card.Load(Marshal.PtrToStringUTF8((nint)text)!),
        message =>
        {
            nint log = 0, size = 0;
            for (int i = 0; i < count; i++)
                if (options[i] == ErrorLog) log = values[i];
                else if (options[i] == ErrorLogSize) size = values[i];
            if (log == 0 || size == 0) return;
            byte[] bytes = Encoding.ASCII.GetBytes(message);
            var room = new Span<byte>((void*)log, (int)size);
            room.Clear();
            bytes.AsSpan(0, Math.Min(bytes.Length, room.Length - 1)).CopyTo(room);
        });

    private static int Put<T>(T* place, T value)
        where T : unmanaged
    {
        *place = value;
        return 0;
    }

    /// <summary>What a thread without a context may not ask.</summary>
    private static int Call(Action body, Action<string>? tell = null) => Anywhere(
        _context != 0
            ? body
            : () => throw new CudaException(
                CudaResult.InvalidContext, "called by a thread that has no context"),
        tell);

    /// <summary>One call at a time; what a card would not say is said on standard error.</summary>
    private static int Anywhere(Action body, Action<string>? tell = null)
    {
        lock (Card)
            try
            {
                body();
                return 0;
            }
            catch (CudaException e)
            {
                tell?.Invoke(e.Message);
                if (e.Message.Length > 0) Console.Error.WriteLine($"libcuda: {e.Message}");
                return (int)e.Result;
            }
            catch (Exception e)
            {
                Console.Error.WriteLine($"libcuda: {e}");
                return (int)CudaResult.InvalidValue;
            }
    }
}

using System.Runtime.InteropServices;
using QSim.CudaDriver.Machine;
using QSim.CudaDriver.Ptx;

namespace QSim.CudaDriver.Driver;

/// <summary>The one device: its memory, modules and streams. One call at a time.</summary>
/// <param name="watchesRaces">Whether threads that use one place at once end a kernel.</param>
/// <param name="watchesStreams">Whether streams that do end what comes second.</param>
internal sealed unsafe class Card(bool watchesRaces = false, bool watchesStreams = false)
{
    private readonly DeviceMemory _memory = new(
        CardFacts.Memory, CardFacts.Skips ? (byte)0 : Lane.Garbage, watchesRaces,
        notesTouched: watchesStreams || CardFacts.CountsWork);
    private readonly StreamWatch? _watch = watchesStreams ? new() : null;
    private readonly Dictionary<nint, Dictionary<string, Kernel>> _modules = [];
    private readonly Dictionary<nint, Kernel> _functions = [];
    private readonly Dictionary<nint, Stream> _streams = new() { [0] = new(false) };
    private readonly Dictionary<nint, long> _pinned = [];
    private nint _last = 0x1000;
    private string? _fault;

    /// <summary>The device's memory.</summary>
    public DeviceMemory Memory => _memory;

    /// <summary>A number that stands for something.</summary>
    public nint NewHandle() => ++_last;

    /// <summary>Reads a text of PTX.</summary>
    /// <exception cref="CudaException">An assembler would refuse it.</exception>
    public nint Load(string text)
    {
        try
        {
            (KernelText[] kernels, Declaration dynamic) = Reader.Read(text);
            if (kernels.FirstOrDefault(k => k.Target > CardFacts.Target) is { } newer)
                throw new CudaException(
                    CudaResult.InvalidPtx,
                    $"{newer.Name}: sm_{newer.Target} on a card of sm_{CardFacts.Target}");
            nint handle = NewHandle();
            int number = Tally.Add(text);
            _modules[handle] = kernels.ToDictionary(
                k => k.Name, k => Assembler.Assemble(k, dynamic) with { Text = number });
            foreach (Kernel kernel in _modules[handle].Values) Log.Assembled(kernel, text);
            return handle;
        }
        catch (PtxException e)
        {
            throw new CudaException(CudaResult.InvalidPtx, e.Message);
        }
    }

    /// <summary>Forgets a module once nothing of it runs.</summary>
    public void Unload(nint module)
    {
        FinishAll();
        if (!_modules.Remove(module)) throw Unknown("module");
    }

    /// <summary>A kernel by its name.</summary>
    public nint Function(nint module, string name)
    {
        if (!_modules.TryGetValue(module, out Dictionary<string, Kernel>? kernels))
            throw Unknown("module");
        if (!kernels.TryGetValue(name, out Kernel? kernel))
            throw new CudaException(CudaResult.NotFound, $"no kernel '{name}'");
        nint handle = NewHandle();
        _functions[handle] = kernel;
        return handle;
    }

    /// <summary>Queues a kernel; parameters are an array of addresses, or one block.</summary>
    public void Launch(
        nint function, Extent groups, Extent threads, int sharedBytes, nint stream,
        void** arguments, void** block)
    {
        if (!_functions.TryGetValue(function, out Kernel? kernel)) throw Unknown("kernel");
        if (groups is not { X: > 0, Y: > 0 and <= 65535, Z: > 0 and <= 65535 }
            || threads is not { X: > 0 and <= 1024, Y: > 0 and <= 1024, Z: > 0 and <= 64 })
            throw new CudaException(
                CudaResult.InvalidValue, $"{kernel.Name}: {groups} groups of {threads}");
        if (threads.Count > CardFacts.MostThreads
            || kernel.SharedBytes + sharedBytes > CardFacts.SharedMemory
            || (kernel.MostThreads > 0 && threads.Count > kernel.MostThreads))
            throw new CudaException(
                CudaResult.LaunchOutOfResources,
                $"{kernel.Name}: {groups} groups of {threads}, "
                    + $"{kernel.SharedBytes + sharedBytes} shared bytes");
        if (CardFacts.Skips)
        {
            Log.Ran(kernel, (long)groups.Count * threads.Count, 0);
            return;
        }

        var launch = new Launch(
            kernel, _memory, groups, threads, sharedBytes,
            Parameters.Of(kernel, arguments, block))
        {
            Counts = CardFacts.CountsWork ? new long[kernel.Code.Length] : null,
        };
        Stream queue = Find(stream);
        Work? work = Next(stream, kernel.Name);
        queue.Add(() =>
        {
            using (launch)
                try
                {
                    long instructions = launch.Run();
                    Note(launch, work);
                    Log.Ran(kernel, launch.ThreadCount, instructions);
                }
                catch (KernelFault fault)
                {
                    throw new CudaException(
                        CudaResult.IllegalAddress, $"{kernel.Name}: {fault.Message}");
                }
        });
    }

    /// <summary>
    /// Queues a copy. Ordinary memory is read at once and written before the call returns; pinned
    /// memory is read and written when the copy's turn comes.
    /// </summary>
    public void Copy(long to, long from, long bytes, nint stream)
    {
        Stream queue = Find(stream);
        bool fromOrdinary = IsOrdinary(from, bytes), toOrdinary = IsOrdinary(to, bytes);
        bool toDevice = _memory.Find(to, 1) != null, isPinned = !fromOrdinary && !toOrdinary;
        Log.Copied(toDevice, isPinned, bytes);
        Traffic.Add(toDevice, isPinned, bytes);
        if (CardFacts.Skips && isPinned) return;
        Work? work = Next(stream, "a copy");
        if (fromOrdinary)
        {
            byte[] kept = new ReadOnlySpan<byte>((void*)from, checked((int)bytes)).ToArray();
            queue.Add(() =>
            {
                kept.CopyTo(new Span<byte>(Reach(to, bytes), kept.Length));
                Use(work, to, bytes, isWrite: true);
            });
            return;
        }

        queue.Add(() =>
        {
            Buffer.MemoryCopy(Reach(from, bytes), Reach(to, bytes), bytes, bytes);
            Use(work, from, bytes, isWrite: false);
            Use(work, to, bytes, isWrite: true);
        });
        if (toOrdinary) Wait(stream);
    }

    /// <summary>Queues bytes that are all alike.</summary>
    public void Fill(long to, byte value, long bytes, nint stream)
    {
        Stream queue = Find(stream);
        Work? work = Next(stream, "a fill");
        queue.Add(() =>
        {
            NativeMemory.Fill(Reach(to, bytes), (nuint)bytes, value);
            Use(work, to, bytes, isWrite: true);
        });
    }

    /// <summary>Pins memory of the host, or says that it is gone.</summary>
    public void Pin(nint start, long? bytes)
    {
        if (bytes is { } length) _pinned.Add(start, length);
        else
        {
            FinishAll();
            if (!_pinned.Remove(start)) throw Unknown("pinned memory");
            _watch?.Forget(start);
        }
    }

    /// <summary>Frees memory once nothing runs.</summary>
    public void Free(long start)
    {
        FinishAll();
        if (!_memory.Release(start)) throw Unknown("memory");
        _watch?.Forget(start);
    }

    /// <summary>A new stream.</summary>
    public nint CreateStream(bool waitsForDefault)
    {
        nint handle = NewHandle();
        _streams[handle] = new(waitsForDefault);
        return handle;
    }

    /// <summary>Does what is left and forgets a stream.</summary>
    public void DestroyStream(nint stream)
    {
        Finish(stream);
        _streams.Remove(stream);
    }

    /// <summary>Queues anything.</summary>
    public void Add(nint stream, Action work) => Find(stream).Add(work);

    /// <summary>How far a stream is once all that is queued there is done; null where nobody
    /// asks.</summary>
    public IReadOnlyDictionary<nint, long>? Mark(nint stream) => _watch?.Order.Mark(stream);

    /// <summary>The host waits for a stream.</summary>
    public void Wait(nint stream) => Wait(stream, Mark(stream));

    /// <summary>The host waits for a mark in a stream.</summary>
    public void Wait(nint stream, IReadOnlyDictionary<nint, long>? mark)
    {
        Finish(stream);
        if (mark is not null) _watch!.Order.Wait(mark);
    }

    /// <summary>The host waits for everything.</summary>
    public void WaitForAll()
    {
        FinishAll();
        foreach (nint stream in _streams.Keys.ToArray()) Wait(stream);
    }

    /// <summary>Does what a stream has to do.</summary>
    public void Finish(nint stream)
    {
        Stream queue = Find(stream);
        if (stream == 0)
            foreach (Stream other in _streams.Values.Where(s => s.WaitsForDefault)) Do(other);
        else if (queue.WaitsForDefault)
            Do(_streams[0]);
        Do(queue);
    }

    /// <summary>Does everything, streams with higher numbers first.</summary>
    public void FinishAll()
    {
        foreach (nint stream in _streams.Keys.OrderDescending().ToArray()) Finish(stream);
    }

    /// <summary>What a stream is to do next, where somebody watches.</summary>
    private Work? Next(nint stream, string name) => _watch?.Order.Next(
        stream, name,
        stream == 0
            ? _streams.Where(s => s.Value.WaitsForDefault).Select(s => s.Key)
            : Find(stream).WaitsForDefault ? [0] : []);

    /// <summary>A launch is done.</summary>
    private void Note(Launch launch, Work? work)
    {
        Stretch[] touched = _memory.TakeTouched();
        if (work is not null) _watch!.Ran(work, touched);
        Tally.Ran(launch, touched);
    }

    private void Use(Work? work, long start, long bytes, bool isWrite)
    {
        if (work is null || bytes == 0) return;
        long? memory = _memory.Find(start, bytes)?.Start ?? _pinned
            .Where(p => new Allocation(p.Key, p.Value).Has(start, bytes))
            .Select(p => (long?)p.Key).FirstOrDefault();
        if (memory is not { } found) return;
        _watch!.Use(work, found, start - found, start - found + bytes, isWrite);
    }

    private void Do(Stream stream)
    {
        if (_fault != null) throw new CudaException(CudaResult.IllegalAddress, _fault);
        try
        {
            stream.Finish();
        }
        catch (CudaException e)
        {
            _fault = e.Message;
            throw;
        }
    }

    private bool IsOrdinary(long start, long bytes) =>
        _memory.Find(start, bytes) == null
            && !_pinned.Any(p => new Allocation(p.Key, p.Value).Has(start, bytes));

    /// <summary>Memory that a copy may touch: the device's within one allocation.</summary>
    private void* Reach(long start, long bytes) =>
        _memory.Find(start, bytes) != null || _memory.Find(start, 1) == null
            ? (void*)start
            : throw new CudaException(
                CudaResult.IllegalAddress, $"{bytes} bytes past the end of device memory");

    private Stream Find(nint stream) =>
        _streams.TryGetValue(stream, out Stream? found) ? found : throw Unknown("stream");

    private static CudaException Unknown(string what) =>
        new(CudaResult.InvalidHandle, $"no such {what}");
}

using System.Runtime.InteropServices;

namespace QSim.CudaDriver.Machine;

/// <summary>Numbers of threads or groups along three axes.</summary>
internal readonly record struct Extent(int X, int Y, int Z)
{
    /// <summary>All of them.</summary>
    public int Count => checked(X * Y * Z);

    /// <summary>One coordinate of a number, x fastest.</summary>
    public int Coordinate(int number, char axis) => axis switch
    {
        'x' => number % X,
        'y' => number / X % Y,
        _ => number / X / Y,
    };

    /// <summary>The length along an axis.</summary>
    public int Length(char axis) => axis switch { 'x' => X, 'y' => Y, _ => Z };
}

/// <summary>A kernel with what it is run on.</summary>
internal sealed unsafe class Launch : IDisposable
{
    /// <summary>Lanes of a warp.</summary>
    public const int Warp = 32;

    private static int _launches;

    private readonly Extent _groups, _threads;
    private readonly int _sharedBytes;

    /// <summary>Takes the parameters over: they are the launch's from then on.</summary>
    public Launch(
        Kernel kernel, DeviceMemory memory, Extent groups, Extent threads, int sharedBytes,
        ReadOnlySpan<byte> parameters)
    {
        (Kernel, Memory, _groups, _threads) = (kernel, memory, groups, threads);
        _sharedBytes = kernel.SharedBytes + sharedBytes;
        Parameters = (byte*)NativeMemory.Alloc((nuint)kernel.ParameterBytes + 1);
        parameters.CopyTo(new Span<byte>(Parameters, kernel.ParameterBytes));
    }

    /// <summary>What is run.</summary>
    public Kernel Kernel { get; }

    /// <summary>From 1.</summary>
    public int Number { get; } = Interlocked.Increment(ref _launches);

    /// <summary>The device's.</summary>
    public DeviceMemory Memory { get; }

    /// <summary>Of all groups.</summary>
    public long ThreadCount => (long)_groups.Count * _threads.Count;

    /// <summary>As the kernel lays them out.</summary>
    public byte* Parameters { get; }

    /// <summary>By instruction, how often threads executed it; null where nobody counts.</summary>
    public long[]? Counts { get; init; }

    /// <summary>Instructions of the thread that executed most, once it is done.</summary>
    public long Longest { get; private set; }

    /// <summary>
    /// Runs all groups, the cores side by side, each from the last of its share to the first.
    /// </summary>
    /// <returns>How many instructions were executed.</returns>
    /// <exception cref="KernelFault">The first that was met.</exception>
    public long Run()
    {
        int cores = Memory.IsWatched ? 1 : Environment.ProcessorCount;
        int workers = Math.Min(cores, _groups.Count);
        long executed = 0;
        var faults = new KernelFault?[workers];
        Parallel.For(0, workers, worker =>
        {
            using var runner = new GroupRunner(this, _threads.Count, _sharedBytes);
            try
            {
                for (int group = _groups.Count - 1 - worker; group >= 0; group -= workers)
                    runner.Run(group);
                Interlocked.Add(ref executed, runner.Executed);
                runner.AddTo(Counts);
                lock (faults) Longest = Math.Max(Longest, runner.Longest);
            }
            catch (KernelFault fault)
            {
                faults[worker] = fault;
            }
        });
        if (faults.FirstOrDefault(f => f != null) is { } first) throw first;
        return executed;
    }

    /// <summary>A special register's value for a thread.</summary>
    public uint Special(string name, int group, int thread) => name.Split('.')[0] switch
    {
        "%tid" => (uint)_threads.Coordinate(thread, name[^1]),
        "%ntid" => (uint)_threads.Length(name[^1]),
        "%ctaid" => (uint)_groups.Coordinate(group, name[^1]),
        "%nctaid" => (uint)_groups.Length(name[^1]),
        _ => (uint)(thread % Warp),
    };

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(Parameters);
}

using System.Runtime.InteropServices;

namespace QSim.Kernels.Backends.Memory;

/// <summary>
/// For tests: memory that ends at a page which nobody may touch, so that a step too far ends the
/// process at the instruction that takes it. What may be read past the end, and what lies before
/// the start, holds a pattern; a write there is found when the memory is given back.
/// </summary>
internal sealed unsafe partial class GuardedPages : IDisposable
{
    private const byte Pattern = 0xA5;
    private const int Before = 64;
    private const int ReadWrite = 3, PrivateAnonymous = 0x22;

    /// <summary>A multiple of every system's page.</summary>
    private const int Page = 1 << 16;

    private const long MostHeld = 1L << 29;

    private readonly byte* _pages;
    private readonly nint _mapped;
    private readonly long _length;
    private readonly int _past;

    /// <summary>Zeroed memory.</summary>
    /// <param name="bytes">That may be written.</param>
    /// <param name="past">Bytes behind them that may be read.</param>
    public GuardedPages(long bytes, int past)
    {
        Door.Needs(OperatingSystem.IsLinux());
        (_length, _past) = (bytes, past);
        nint usable = (nint)(bytes + past + Before + Page - 1) / Page * Page;
        _mapped = usable + Page;
        _pages = Map();
        if (Protect(_pages + usable, Page, 0) != 0) throw new OutOfMemoryException("mprotect");
        Start = _pages + usable - past - bytes;
        new Span<byte>(Start - Before, Before).Fill(Pattern);
        new Span<byte>(Start + bytes, past).Fill(Pattern);
    }

    /// <summary>Gives the pages back.</summary>
    ~GuardedPages() => Free();

    /// <summary>Whether buffers are such pages. Set before any buffer is made.</summary>
    public static bool AreUsed { get; set; }

    /// <summary>Blocks in whose surroundings a write was found so far.</summary>
    public static int Violations => _violations;

    private static int _violations;
    private static long _held;

    /// <summary>The first byte. Aligned as its length is; page-aligned only by chance.</summary>
    public byte* Start { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (Start == null) return;
        bool isWhole =
            new Span<byte>(Start - Before, Before).IndexOfAnyExcept(Pattern) < 0
            && new Span<byte>(Start + _length, _past).IndexOfAnyExcept(Pattern) < 0;
        if (!isWhole) Interlocked.Increment(ref _violations);
        Start = null;
        _ = Unmap(_pages, _mapped);
        Interlocked.Add(ref _held, -_mapped);
    }

    /// <summary>
    /// A process may have some 65,000 mappings: those given up are freed first, and long before.
    /// The collector is not told of each, for it would do little else.
    /// </summary>
    private byte* Map()
    {
        bool isFull = Interlocked.Add(ref _held, _mapped) > MostHeld;
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (isFull || attempt > 0)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            byte* pages = Map(null, _mapped, ReadWrite, PrivateAnonymous, -1, 0);
            if ((nint)pages != -1) return pages;
        }

        throw new OutOfMemoryException("mmap");
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(
        void* at, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* at, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* at, nint length);
}

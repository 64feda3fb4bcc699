using System.Runtime.InteropServices;
using QSim.CudaDriver.Driver;

namespace QSim.Kernels.Tests.Cuda;

/// <summary>A few lines of PTX, run by the interpreter of bench/Cuda.</summary>
internal static unsafe class Interpreted
{
    /// <summary>
    /// Registers p, h, r, d, f and g of each size; d0 is where the thread's result goes, r0 its
    /// number.
    /// </summary>
    private const string Head = """
        .version 8.0
        .target sm_80
        .address_size 64
        .visible .entry test(.param .u64 out)
        {
        .shared .align 16 .b8 common[128];
        .reg .pred p<8>; .reg .b16 h<8>; .reg .b32 r<32>; .reg .b64 d<16>;
        .reg .f32 f<8>; .reg .f64 g<8>;
        ld.param.u64 d15,[out]; cvta.to.global.u64 d15,d15;
        mov.u32 r0,%tid.x; mul.wide.u32 d0,r0,8; add.u64 d0,d15,d0;

        """;

    /// <summary>What each thread leaves in d1.</summary>
    public static ulong[] Run(string body, int threads = 1) => Run(new Card(), body, 1, threads);

    /// <summary>What each thread of the first group to run, the last, leaves in d1.</summary>
    public static ulong[] Run(Card card, string body, int groups, int threads)
    {
        nint function = card.Function(card.Load(Text(body)), "test");
        var results = new ulong[threads];
        long bytes = threads * sizeof(ulong);
        long memory = card.Memory.Allocate(bytes)!.Value.Start;
        void* argument = &memory;
        card.Launch(function, new(groups, 1, 1), new(threads, 1, 1), 0, 0, &argument, null);
        fixed (ulong* to = results) card.Copy((long)to, memory, bytes, 0);
        return results;
    }

    /// <summary>A whole text around some lines.</summary>
    public static string Text(string body) =>
        $"{Head}{body}\nst.global.b64 [d0],d1;\nret;\n}}\n";

    /// <summary>Runs a kernel of a text and gives what some of its memory holds then.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The kernel.</param>
    /// <param name="groups">How many.</param>
    /// <param name="threads">Of each.</param>
    /// <param name="sharedBytes">Beyond what the text declares.</param>
    /// <param name="memory">Copied to the device; the last is given back.</param>
    /// <param name="numbers">Parameters behind the addresses.</param>
    public static byte[] Run(
        string text, string name, int groups, int threads, int sharedBytes, byte[][] memory,
        int[] numbers)
    {
        var card = new Card();
        nint function = card.Function(card.Load(text), name);
        long[] addresses = [.. memory.Select(m => card.Memory.Allocate(m.Length)!.Value.Start)];
        foreach ((byte[] from, long to) in memory.Zip(addresses))
            fixed (byte* start = from) card.Copy(to, (long)start, from.Length, 0);
        byte[] block =
        [
            .. MemoryMarshal.AsBytes<long>(addresses), .. MemoryMarshal.AsBytes<int>(numbers),
        ];
        fixed (byte* start = block)
        {
            nint size = block.Length;
            void** arguments = stackalloc void*[] { (void*)1, start, (void*)2, &size, null };
            card.Launch(
                function, new(groups, 1, 1), new(threads, 1, 1), sharedBytes, 0, null, arguments);
        }

        byte[] result = memory[^1];
        fixed (byte* to = result) card.Copy((long)to, addresses[^1], result.Length, 0);
        return result;
    }
}

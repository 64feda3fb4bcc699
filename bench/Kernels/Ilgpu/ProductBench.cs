using System.Diagnostics;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Backends.Ilgpu.Tiled;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Bench.Ilgpu;

/// <summary>
/// The exact product by itself, at the sizes of bench/torch_int_mm.py, against the rate of the
/// instruction that it is made of. Where that is emulated there is no rate: a compiler sees
/// through the loop.
/// </summary>
internal static class ProductBench
{
    private const int OnGpu = 65536;
    private const int Elsewhere = 512;

    private static readonly (int Filters, int Depth)[] Sizes =
        [(16, 144), (64, 576), (256, 256), (1024, 1024), (512, 4608)];

    /// <summary>Prints a table.</summary>
    public static void Print(IBackend backend, double seconds)
    {
        if (backend is not IlgpuBackend ilgpu) return;
        bool isCuda = ilgpu.Device is CudaDevice;
        ByteMultiplier fastest = ByteMultipliers.Of(ilgpu.Device);
        int columns = isCuda ? OnGpu : Elsewhere;
        Console.WriteLine();
        Console.WriteLine(
            "| filters x depth x columns | multiplies by | GMAC/s | registers only, GMAC/s | of it "
                + "|");
        Console.WriteLine("|---|---|--:|--:|--:|");
        foreach (
            ByteMultiplier multiplier in Enum.GetValues<ByteMultiplier>().Where(m =>
                isCuda
                    ? m != ByteMultiplier.Portable && m <= fastest
                    : m < ByteMultiplier.TensorCores
            )
        )
        {
            DeviceSession session = DeviceSession.Open(
                $"{ilgpu.Name}:{multiplier}", ilgpu.Device,
                new(Specializes: true) { Multiplier = multiplier });
            double rate = Rate(session, seconds);
            string of = isCuda ? $"{rate / 1e9:F1}" : "emulated";
            foreach ((int filters, int depth) in Sizes)
            {
                double product = Product(session, filters, depth, columns, seconds);
                Console.WriteLine(
                    $"| {filters} x {depth} x {columns} | {multiplier} | {product / 1e9:F1} | {of} "
                    + $"| {(isCuda ? $"{product / rate:P0}" : "")} |");
            }
        }
    }

    /// <summary>Multiply-adds per second of instructions between registers.</summary>
    /// <exception cref="InvalidOperationException">The sums are wrong.</exception>
    public static double Rate(DeviceSession session, double seconds)
    {
        const int X = 0x01020301, W = 0x02FF0103, Dot = (1 * 3) + (3 * 1) + (2 * -1) + (1 * 2);
        const int Threads = 128;
        bool isCuda = session.Accelerator is CudaAccelerator;
        int groups = isCuda ? session.Accelerator.NumMultiprocessors * 16 : 16;
        int rounds = isCuda ? 4096 : 64;
        var modes = new TileModes(
            session.Multiplier == ByteMultiplier.TensorCores ? 1 : 0, isCuda ? 0 : 1,
            OperandSigns.SignedInputs);
        var kernel = session.Accelerator.LoadStreamKernel<
            ArrayView<int>, int, int, int, SpecializedValue<TileModes>>(RateKernel.Run);
        using var results = session.Allocate<int>(groups * Threads);
        double best = Best(
            session,
            () => kernel(
                new KernelConfig(groups, Threads), results.View, X, W, rounds,
                SpecializedValue.New(modes)),
            seconds);
        int expected = Dot * rounds * RateKernel.PerRound(modes) / 4;
        if (results.GetAsArray1D().Any(sum => sum != expected))
            throw new InvalidOperationException("the rate kernel computes something else");
        return (double)groups * Threads * rounds * RateKernel.PerRound(modes) / best;
    }

    private static double Product(
        DeviceSession session, int filters, int depth, int columns, double seconds)
    {
        QuantizedProgram program = BenchProgram.Build(
            new("n", depth, 1, 1, [new("dense", [$"{filters}"])]),
            BenchArithmetic.All.Single(a => a.Name == "exact32"));
        var layer = (MacLayer)program.Layers[0];
        using var product = ByteProducts.For(layer, session);
        using var inputs = session.Upload(Columns((long)product.Blocks * columns));
        using var sums = session.Allocate<int>((long)filters * columns);
        var exact = new ExactSums(sums.View, ArrayView<int>.Empty, columns);
        double best = Best(
            session,
            () => product.Launch(
                session.Accelerator.DefaultStream, inputs.View, exact, inputSigned: 1, checks: 0),
            seconds);
        return (double)filters * depth * columns / best;
    }

    /// <summary>Zeros would be faster than what a network brings.</summary>
    private static PackedBytes[] Columns(long count)
    {
        var columns = new PackedBytes[count];
        new Random(3).NextBytes(MemoryMarshal.AsBytes(columns.AsSpan()));
        return columns;
    }

    private static double Best(DeviceSession session, Action launch, double seconds)
    {
        double best = double.PositiveInfinity;
        for (long begin = Stopwatch.GetTimestamp(), i = 0;
             i < 2 || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            launch();
            session.Accelerator.Synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}

using System.Diagnostics;
using ILGPU;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Bench.Ilgpu;

/// <summary>
/// One layer at a time, everything on the device: what its kernels take together, its
/// multiply-adds, and the bytes that inputs and outputs have, over that time.
/// </summary>
internal static class LayerBench
{
    private static readonly NetworkShape[] Convolutions =
    [
        new("conv 3x3, 16 of 16, 32x32", 16, 32, 32, [new("conv", ["16", "3", "pad", "1"])]),
        new("conv 3x3, 64 of 64, 8x8", 64, 8, 8, [new("conv", ["64", "3", "pad", "1"])]),
        new("dense, 1024 of 1024", 1024, 1, 1, [new("dense", ["1024"])]),
    ];

    private static readonly NetworkShape[] Others =
    [
        new("max pooling 2x2, 16x32x32", 16, 32, 32, [new("maxpool", ["2"])]),
        new("average pooling 8x8, 64x8x8", 64, 8, 8, [new("avgpool", ["all"])]),
        new("sum of two, 16x32x32", 16, 32, 32, [new("add", ["0"])]),
    ];

    private static readonly string[] Arithmetics =
        ["exact32", "wrap16", "sat-rare", "sat16", "trn-every", "rnd-conv-every"];

    /// <summary>Prints a table.</summary>
    public static void Print(IBackend backend, double seconds)
    {
        if (backend is not IlgpuBackend ilgpu) return;
        DeviceSession session = DeviceSession.Open(
            $"{ilgpu.Name}:layers", ilgpu.Device, new(Specializes: true));
        Console.WriteLine();
        Console.WriteLine("| layer | arithmetic | images | us | GMAC/s | GB/s |");
        Console.WriteLine("|---|---|--:|--:|--:|--:|");
        foreach (NetworkShape shape in Convolutions)
            foreach (string name in Arithmetics)
                Row(session, shape, BenchArithmetic.All.Single(a => a.Name == name), seconds);
        foreach (NetworkShape shape in Others)
            Row(session, shape, BenchArithmetic.All[0], seconds);
    }

    private static void Row(
        DeviceSession session, NetworkShape shape, BenchArithmetic arithmetic, double seconds)
    {
        QuantizedProgram program = BenchProgram.Build(shape, arithmetic);
        int from = program.Input.Type.Shape.Length, to = program.Output.Shape.Length;
        int images = Math.Clamp((1 << 25) / Math.Max(from, to), 1, 65536);
        using DeviceLayer layer = DeviceLayers.Upload(program, 0, session)!;
        int[] values = [.. BenchProgram.Inputs(program, images).Select(v => (int)v)];
        using var input = session.Upload(values);
        using var output = session.Allocate<int>((long)images * to);
        using var scratch = session.Allocate<long>(Math.Max(1, images * layer.ScratchPerImage));
        var launch = new LayerLaunch(
            session.Accelerator.DefaultStream,
            [.. program.Layers[0].Inputs.Select(_ => (ArrayView<int>)input.View)], output.View,
            ArrayView<int>.Empty, scratch.View, images, new(program.Seed, 0, 0), Fused: false);
        double best = double.PositiveInfinity;
        for (long begin = Stopwatch.GetTimestamp(), i = 0;
             i < 3 || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            layer.Launch(launch);
            session.Accelerator.Synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        double macs = (double)BenchProgram.Macs(program) * images;
        double bytes = (double)images * (from + to) * sizeof(int);
        Console.WriteLine(
            $"| {shape.Name} | {arithmetic.Name} | {images} | {best * 1e6:F0} "
                + $"| {macs / best / 1e9:F0} | {bytes / best / 1e9:F0} |");
    }
}

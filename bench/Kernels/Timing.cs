using System.Diagnostics;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Bench;

/// <summary>Times one backend on one program.</summary>
internal static class Timing
{
    /// <summary>
    /// Seconds per image: the fastest of many runs, the first of which let the JIT finish.
    /// </summary>
    /// <param name="backend">The backend.</param>
    /// <param name="program">The program.</param>
    /// <param name="images">Images per run.</param>
    /// <param name="threads">Most threads.</param>
    /// <param name="seconds">How long to try.</param>
    public static double SecondsPerImage(
        IBackend backend, QuantizedProgram program, int images, int threads, double seconds)
    {
        using IProgramRunner runner = backend.Load(program);
        long[] inputs = BenchProgram.Inputs(program, images);
        RunOptions options = new() { Threads = threads };
        runner.Run(inputs, images, options);
        return Best(() => runner.Run(inputs, images, options), seconds) / images;
    }

    /// <summary>The same for images that are in the backend's memory already.</summary>
    public static double ResidentSecondsPerImage(
        IBackend backend, QuantizedProgram program, int images, double seconds)
    {
        using IProgramRunner runner = backend.Load(program);
        using ResidentImages kept = backend.Keep(
            RawImages.Of(BenchProgram.Inputs(program, images), images));
        runner.Run(kept, 0, images, RunOptions.Default);
        return Best(() => runner.Run(kept, 0, images, RunOptions.Default), seconds) / images;
    }

    /// <summary>The fastest of the runs that fit into some seconds, at least one.</summary>
    public static double Best(Action run, double seconds)
    {
        double best = double.PositiveInfinity;
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i == 0 || Elapsed() < (i < 3 ? 2 * seconds : seconds); i++)
        {
            long start = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;

        double Elapsed() => Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    /// <summary>
    /// Bytes that a run on one thread allocates beyond its outputs, once earlier runs have set
    /// everything up.
    /// </summary>
    public static long Allocated(IBackend backend, QuantizedProgram program, int images)
    {
        using IProgramRunner runner = backend.Load(program);
        long[] inputs = BenchProgram.Inputs(program, images);
        RunOptions options = new() { Threads = 1 };
        long least = long.MaxValue;
        for (int run = 0; run < 3; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            RunResult result = runner.Run(inputs, images, options);
            least = Math.Min(
                least,
                GC.GetAllocatedBytesForCurrentThread()
                    - before
                    - (sizeof(long) * (long)result.Outputs.Length));
        }

        return least;
    }

    /// <summary>
    /// The share of accumulators that overflowed at some step, over a few images.
    /// </summary>
    public static double Overflowed(IBackend backend, QuantizedProgram program)
    {
        const int Images = 4;
        using IProgramRunner runner = backend.Load(program);
        RunResult result = runner.Run(
            BenchProgram.Inputs(program, Images), Images, RunOptions.WithEvents);
        long overflowed = result
            .Events.SelectMany(l => l.Stages)
            .Where(s => s.Stage == EventStage.Accumulator)
            .Sum(s => s.Overflowed.Sum());
        return (double)overflowed
            / (Images * program.Layers.OfType<MacLayer>().Sum(l => (long)l.Output.Shape.Length));
    }
}

using System.Collections.Immutable;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>A program and a batch: what a backend is held against the reference with.</summary>
/// <param name="Group">What it is there for.</param>
/// <param name="Program">The program.</param>
/// <param name="Inputs">Raw images, [image][channel][row][column].</param>
/// <param name="Images">How many these are.</param>
/// <param name="FirstImage">The first one's index in its dataset.</param>
internal sealed record ConformanceCase(
    string Group, QuantizedProgram Program, long[] Inputs, int Images, long FirstImage = 0)
{
    private static readonly ImmutableDictionary<int, long[]> NoTaps =
        ImmutableDictionary<int, long[]>.Empty;

    /// <summary>
    /// Runs it on a backend as every kind of caller would: with events and every tap, with outputs
    /// alone, and, where the backend has a memory of its own, on images that are there already.
    /// </summary>
    /// <param name="backend">The backend.</param>
    /// <returns>The first difference from the reference; null where there is none.</returns>
    /// <exception cref="DeviceException">The device fails.</exception>
    public Difference? Against(IBackend backend)
    {
        var everything = new RunOptions
        {
            CollectEvents = true,
            FirstImage = FirstImage,
            Taps = [.. Enumerable.Range(0, Program.Layers.Length + 1)],
        };
        RunOptions outputs = RunOptions.Default with { FirstImage = FirstImage };
        using IProgramRunner reference = new ReferenceBackend().Load(Program);
        using IProgramRunner runner = backend.Load(Program);
        RunResult expected = reference.Run(Inputs, Images, everything);
        RunResult plain = expected with { Events = [], Taps = NoTaps };
        return Difference.First(Program, expected, runner.Run(Inputs, Images, everything))
            ?? Difference.First(Program, plain, runner.Run(Inputs, Images, outputs))
            ?? OnResident(backend, runner, plain, outputs);
    }

    private Difference? OnResident(
        IBackend backend, IProgramRunner runner, RunResult expected, RunOptions options)
    {
        if (!backend.HasOwnMemory) return null;
        using ResidentImages images = backend.Keep(RawImages.Of(Inputs, Images));
        return Difference.First(Program, expected, runner.Run(images, 0, Images, options));
    }
}

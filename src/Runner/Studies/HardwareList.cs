using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Studies;

/// <summary>A study's network on the hardware of each of its profiles.</summary>
internal sealed class HardwareList : IDisposable
{
    private HardwareList(IReadOnlyList<(string Profile, Simulation Simulation)> all) => All = all;

    /// <summary>One per profile, in the study's order.</summary>
    public IReadOnlyList<(string Profile, Simulation Simulation)> All { get; }

    /// <summary>Trains the study's networks, or takes those of a cache, then the same.</summary>
    /// <inheritdoc cref="Create"/>
    public static HardwareList Train(
        StudyInputs inputs, ContentCache cache, IProgressSink progress,
        CancellationToken cancellation)
    {
        using NetworkList trained = NetworkList.Train(
            inputs, new(inputs.Resolve()), new NetworkCache(cache), threads: 0, progress,
            cancellation);
        return Create(
            inputs, progress, target => trained.Of(target).Network, cancellation: cancellation);
    }

    /// <summary>Calibrates each network once, then quantizes and loads every profile.</summary>
    /// <param name="inputs">The study.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="network">The network of a profile, by its name; null for the study's.</param>
    /// <param name="calibrations">What was collected before; null for nothing.</param>
    /// <param name="cancellation">Stops between profiles.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="QuantizationException">A profile cannot carry the network.</exception>
    /// <exception cref="RequestException">
    /// The backend that the user insists on cannot run a program.
    /// </exception>
    public static HardwareList Create(
        StudyInputs inputs, IProgressSink progress, Func<string, FloatNetwork>? network = null,
        Calibrations? calibrations = null, CancellationToken cancellation = default)
    {
        calibrations ??= new();
        int count = inputs.Profiles.Count;
        progress.Begin($"quantize for {count} hardware profile{(count == 1 ? "" : "s")}");
        ReadOnlyMemory<float> images = inputs.Data.Train.Pixels.AsMemory(
            0, inputs.Settings.CalibrationImages * inputs.Network.Input.Length);
        var all = new List<(string, Simulation)>();
        try
        {
            foreach (StudyProfile profile in inputs.Profiles)
            {
                cancellation.ThrowIfCancellationRequested();
                FloatNetwork own = network?.Invoke(profile.Name) ?? inputs.Network;
                QuantizedProgram program = Quantize(
                    own, profile.Datapath, calibrations.Of(own, images), inputs.Settings.Seed);
                var simulation = new Simulation(program, Choose(inputs.Backend, program));
                all.Add((profile.Name, simulation));
                progress.Report(
                    (double)all.Count / inputs.Profiles.Count,
                    $"{profile.Name} on {simulation.Backend}");
            }
        }
        catch
        {
            new HardwareList(all).Dispose();
            throw;
        }

        calibrations.Release();
        return new(all);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Simulation simulation) in All) simulation.Dispose();
    }

    private static QuantizedProgram Quantize(
        FloatNetwork network, Datapath datapath, CalibrationSet calibration, ulong seed)
    {
        try
        {
            return Quantizer.Quantize(network, datapath, calibration, seed);
        }
        catch (InputException e) when (FittingProfiles.AreAskedFor(network))
        {
            throw FittingProfiles.NamedIn(e, network, calibration);
        }
    }

    private static IBackend Choose(IBackend? named, QuantizedProgram program) =>
        named is null ? SimdRowVariable.Apply(BackendList.Best(program))
        : named.WhyNot(program) is { } reason
            ? throw new RequestException(
                $"backend '{named.Name}' cannot run {program.Name}: {reason}")
        : SimdRowVariable.Apply(named);
}

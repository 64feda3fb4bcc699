using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.CommandLine;
using QSim.Runner.Output.Progress;
using QSim.Simulator;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Studies;

/// <summary>A study's network on the hardware of each of its profiles.</summary>
public sealed class HardwareList : IDisposable
{
    private HardwareList(IReadOnlyList<(string Profile, Simulation Simulation)> all) => All = all;

    /// <summary>One per profile, in the study's order.</summary>
    public IReadOnlyList<(string Profile, Simulation Simulation)> All { get; }

    /// <summary>Calibrates once, then quantizes and loads every profile.</summary>
    /// <exception cref="QuantizationException">A profile cannot carry the network.</exception>
    /// <exception cref="UsageException">The backend that the user insists on cannot run a program.</exception>
    public static HardwareList Create(StudyInputs inputs, IProgressSink progress)
    {
        progress.Begin($"quantize for {inputs.Profiles.Count} hardware profiles");
        int length = inputs.Network.Input.Length;
        CalibrationSet calibration = CalibrationSet.Collect(
            inputs.Network, inputs.Data.Train.Pixels.AsMemory(0, inputs.Settings.CalibrationImages * length));
        var all = new List<(string, Simulation)>();
        foreach (StudyProfile profile in inputs.Profiles)
        {
            QuantizedProgram program =
                Quantizer.Quantize(inputs.Network, profile.Datapath, calibration, inputs.Settings.Seed);
            all.Add((profile.Name, new Simulation(program, Choose(inputs.Backend, program))));
            progress.Report((double)all.Count / inputs.Profiles.Count, profile.Name);
        }

        return new(all);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Simulation simulation) in All) simulation.Dispose();
    }

    private static IBackend Choose(IBackend? named, QuantizedProgram program) =>
        named is null ? BackendList.Best(program)
        : named.WhyNot(program) is { } reason
            ? throw new UsageException($"backend '{named.Name}' cannot run {program.Name}: {reason}")
            : named;
}

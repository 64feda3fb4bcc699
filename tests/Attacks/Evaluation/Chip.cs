using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>A program on the fastest backend, and a float network to guide attackers.</summary>
internal sealed class Chip : IDisposable
{
    private readonly ManagedGradientModel _model;

    public Chip(QuantizedProgram program, FloatNetwork guide, int threads = 1)
    {
        _model = new(guide, threads);
        Source = new(_model);
        Simulation = new(program, BackendList.OnCpu(program));
        Hardware = new(Simulation, "chip", _model);
    }

    /// <summary>A network on hardware, which guides its own attackers.</summary>
    public Chip(
        FloatNetwork network, ReadOnlyMemory<float> calibration, string profile,
        params ProfileOverride[] overrides)
        : this(Quantize(network, calibration, profile, overrides), network)
    {
    }

    public Simulation Simulation { get; }

    public QuantizedProgram Program => Simulation.Program;

    public HardwareClassifier Hardware { get; }

    /// <summary>The guide as a classifier.</summary>
    public FloatClassifier Source { get; }

    /// <summary>For who knows hardware and the float network behind it.</summary>
    public AttackTarget WhiteBox => AttackTarget.WhiteBox(Hardware, Source);

    /// <summary>The network of bars on hardware.</summary>
    public static Chip Bars(string profile, params ProfileOverride[] overrides) =>
        new(Fixtures.Bars.Network, Fixtures.Bars.Images.Pixels, profile, overrides);

    /// <summary>What a profile makes of a network, with scales from these images.</summary>
    public static QuantizedProgram Quantize(
        FloatNetwork network, ReadOnlyMemory<float> calibration, string profile,
        params ProfileOverride[] overrides) =>
        Quantizer.Quantize(
            network, DatapathCompiler.Compile(ProfileReader.Read(profile, overrides)), calibration);

    /// <summary>How many images stand, where the attacker knows all.</summary>
    public int Standing(IAttack attack, LabelledImages images, double epsilon) =>
        Robustness.Run(attack, WhiteBox, images, new(Norm.Linf, new(epsilon)))
            .Judges[0].RobustRight;

    public void Dispose()
    {
        Simulation.Dispose();
        _model.Dispose();
    }
}

using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends;
using QSim.Simulator;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// The network of bars on hardware whose sums wrap within the budget, for who knows the design: the
/// float network's margin says little there about what breaks hardware.
/// </summary>
internal sealed class WrappedBars : IDisposable
{
    private readonly ManagedGradientModel _model = new(Fixtures.Bars.Network, 1);
    private readonly Simulation _simulation;
    private readonly AttackTarget _target;

    /// <summary>Quantizes.</summary>
    /// <param name="bits">Width of the accumulator.</param>
    public WrappedBars(string bits)
    {
        var program = Quantizer.Quantize(
            Fixtures.Bars.Network,
            DatapathCompiler.Compile(ProfileReader.Read(
                "int8-acc-wrap", new ProfileOverride("mac.accumulator.bits", bits))),
            Fixtures.Bars.Images.Pixels);
        _simulation = new(program, BackendList.Best(program));
        var chip = new HardwareClassifier(_simulation, "chip", _model);
        _target = AttackTarget.WhiteBox(chip, new FloatClassifier(_model));
    }

    /// <summary>How many images stand.</summary>
    public int Standing(IAttack attack, double epsilon) => Robustness.Run(
        attack, _target, Fixtures.Bars.Images, new(Norm.Linf, new(epsilon)))
        .Judges[0].RobustRight;

    public void Dispose()
    {
        _simulation.Dispose();
        _model.Dispose();
    }
}

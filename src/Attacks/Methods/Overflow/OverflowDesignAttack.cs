using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Methods.Overflow;

/// <summary><see cref="OverflowAttack"/> before the hardware is known.</summary>
/// <param name="steps">Steps per layer.</param>
/// <param name="name">Its name in results.</param>
internal sealed class OverflowDesignAttack(int steps = 40, string name = "overflow") : IDesignAttack
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Labels;

    /// <inheritdoc/>
    public IAttack For(
        FloatNetwork network, QuantizedProgram? program, IGradientEngine? gradients = null) =>
        new OverflowAttack(network, program, steps, gradients, name);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// Always: it has to be made for some hardware first.
    /// </exception>
    public void Run(AttackRun run) =>
        throw new InvalidOperationException($"{Name} was not made for any hardware");
}

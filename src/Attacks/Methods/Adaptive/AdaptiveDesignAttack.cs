using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary><see cref="AdaptiveAttack"/> before the hardware is known.</summary>
/// <param name="steps">Steps along each gradient from each start.</param>
/// <param name="queries">Square's queries.</param>
/// <param name="parts">What it does.</param>
public sealed class AdaptiveDesignAttack(
    int steps = 40, int queries = 1000, AdaptiveParts parts = AdaptiveParts.All) : IDesignAttack
{
    /// <inheritdoc/>
    public string Name => "adaptive";

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <inheritdoc/>
    public IAttack For(
        FloatNetwork network, QuantizedProgram? program, IGradientEngine? gradients = null) =>
        new AdaptiveAttack(network, program, steps, queries, gradients, parts);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// Always: it has to be made for some hardware first.
    /// </exception>
    public void Run(AttackRun run) =>
        throw new InvalidOperationException($"{Name} was not made for any hardware");
}

using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary><see cref="AdaptiveAttack"/> before the hardware is known.</summary>
/// <param name="steps">Steps along each gradient from each start.</param>
/// <param name="queries">Square's queries.</param>
/// <param name="parts">What it does.</param>
/// <param name="name">Its name in results.</param>
internal sealed class AdaptiveDesignAttack(
    int steps = 40, int queries = 1000, AdaptiveParts parts = AdaptiveParts.All,
    string name = "adaptive") : IDesignAttack
{
    private const string Without = "adaptive-no-";

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>
    /// The attack without one of its parts, as in <c>adaptive-no-square</c>, to see what the part
    /// is good for; null where the name is not of that form.
    /// </summary>
    public static AdaptiveDesignAttack? Ablated(string name) =>
        name.StartsWith(Without, StringComparison.Ordinal)
        && Enum.TryParse(name[Without.Length..], ignoreCase: true, out AdaptiveParts part)
        && Enum.IsDefined(part) && part is not (AdaptiveParts.None or AdaptiveParts.All)
            ? new(parts: AdaptiveParts.All & ~part, name: name)
            : null;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <inheritdoc/>
    public IAttack For(
        FloatNetwork network, QuantizedProgram? program, IGradientEngine? gradients = null) =>
        new AdaptiveAttack(network, program, steps, queries, gradients, parts, name);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// Always: it has to be made for some hardware first.
    /// </exception>
    public void Run(AttackRun run) =>
        throw new InvalidOperationException($"{Name} was not made for any hardware");
}

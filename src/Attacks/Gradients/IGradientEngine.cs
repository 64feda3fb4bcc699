using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients;

/// <summary>
/// A way to differentiate float networks: one row of <see cref="GradientEngineList"/>.
/// </summary>
public interface IGradientEngine
{
    /// <summary>What a user types after <c>--gradients</c>.</summary>
    string Name { get; }

    /// <summary>One line for people.</summary>
    string Description { get; }

    /// <summary>Null when usable on this machine, else why not and what to do about it.</summary>
    string? WhyUnavailable { get; }

    /// <summary>
    /// Why it cannot differentiate a network: that it is not usable here, or a layer that it does
    /// not know; null where it can.
    /// </summary>
    string? WhyNot(FloatNetwork network) => WhyUnavailable;

    /// <summary>Prepares a network.</summary>
    /// <param name="network">
    /// Its parameter arrays are read now and at <see cref="ITrainableModel.Refresh"/>.
    /// </param>
    /// <param name="threads">Most threads to use; 0 lets the engine choose.</param>
    /// <exception cref="NotSupportedException">
    /// The engine is not usable or does not know a layer's type.
    /// </exception>
    ITrainableModel Create(FloatNetwork network, int threads = 0);
}

/// <summary>
/// The row of an engine that cannot run here, so that a user sees what is missing.
/// </summary>
/// <param name="Name">What a user types after <c>--gradients</c>.</param>
/// <param name="Description">One line for people.</param>
/// <param name="WhyUnavailable">What is missing and what to do about it.</param>
internal sealed record UnavailableGradientEngine(
    string Name, string Description, string WhyUnavailable) : IGradientEngine
{
    /// <inheritdoc/>
    public ITrainableModel Create(FloatNetwork network, int threads = 0) =>
        throw new NotSupportedException($"{Name}: {WhyUnavailable}");
}

using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends;

/// <summary>
/// The row of a backend that cannot run here, so that a user sees what is missing.
/// </summary>
/// <param name="Name">What a user types after <c>--backend</c>.</param>
/// <param name="Description">One line for people.</param>
/// <param name="WhyUnavailable">What is missing and what to do about it.</param>
internal sealed record UnavailableBackend(string Name, string Description, string WhyUnavailable)
    : IBackend
{
    /// <inheritdoc/>
    public string? WhyNot(QuantizedProgram program) => WhyUnavailable;

    /// <inheritdoc/>
    public IProgramRunner Load(QuantizedProgram program) =>
        throw new NotSupportedException($"{Name}: {WhyUnavailable}");
}

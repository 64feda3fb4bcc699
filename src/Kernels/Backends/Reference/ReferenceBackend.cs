using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Reference;

/// <summary>The specification: plain loops, one value at a time, nothing clever.</summary>
internal sealed class ReferenceBackend : IBackend
{
    /// <inheritdoc/>
    public string Name => "reference";

    /// <inheritdoc/>
    public string Description =>
        "plain loops on the CPU: the specification that every other backend equals";

    /// <inheritdoc/>
    public string? WhyUnavailable => null;

    /// <inheritdoc/>
    public string? WhyNot(QuantizedProgram program) => ProgramLimits.WhyNot(program);

    /// <inheritdoc/>
    public IProgramRunner Load(QuantizedProgram program) =>
        WhyNot(program) is { } reason
            ? throw new NotSupportedException(reason)
            : new ReferenceRunner(program);
}

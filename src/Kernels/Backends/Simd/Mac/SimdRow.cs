namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>One loop for multiply-accumulate layers: a row of <see cref="SimdRows"/>.</summary>
/// <param name="name">What a user types and reads.</param>
/// <param name="summary">What it does, in one line.</param>
internal abstract class SimdRow(string name, string summary)
{
    /// <summary>What a user types and reads.</summary>
    public string Name => name;

    /// <summary>What it does, in one line.</summary>
    public string Summary => summary;

    /// <summary>
    /// True for rows that take every update in its order: they serve every run, and rows that do
    /// not count events leave runs with events to them.
    /// </summary>
    public bool IsStepwise { get; init; }

    /// <summary>The step that runs a layer; null where the row is not exact for it.</summary>
    public abstract RowStep? Prepare(MacShape shape, StepPlace place);
}

/// <summary>A row that takes the layers about which some facts hold.</summary>
/// <typeparam name="TFacts">What has to be known to make the loop.</typeparam>
/// <param name="name">What a user types and reads.</param>
/// <param name="summary">What it does, in one line.</param>
/// <param name="takes">The facts; null for layers that are not this row's.</param>
/// <param name="make">The step.</param>
internal sealed class SimdRow<TFacts>(
    string name, string summary, Func<MacShape, StepPlace, TFacts?> takes,
    Func<MacShape, StepPlace, TFacts, RowStep> make) : SimdRow(name, summary)
    where TFacts : class
{
    /// <inheritdoc/>
    public override RowStep? Prepare(MacShape shape, StepPlace place) =>
        takes(shape, place) is { } facts ? make(shape, place, facts) : null;
}

/// <summary>What a row made.</summary>
/// <param name="Step">The step.</param>
/// <param name="CountsEvents">
/// Whether it serves runs that collect events, too; else another row does for those.
/// </param>
internal sealed record RowStep(Step Step, bool CountsEvents);

using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Search.Measuring;

/// <summary>Where a search's cells are, and how what is missing is measured.</summary>
/// <param name="Store">The cells.</param>
/// <param name="Cache">Trained networks.</param>
/// <param name="Threads">Most threads; 0 for one per core.</param>
/// <param name="Progress">Told how it gets on.</param>
/// <param name="Cancellation">Stops it between cells.</param>
internal sealed record SearchCells(
    CellStore Store, ContentCache Cache, int Threads, IProgressSink Progress,
    CancellationToken Cancellation)
{
    /// <summary>The attack that stands for proofs in outcomes.</summary>
    public const string Proved = "proved";

    /// <summary>What became of each image in each cell of a batch, worst attacks too.</summary>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public IReadOnlyList<TargetOutcome> Measure(StudyInputs batch)
    {
        // Checks of attacks are for the front, which is measured as a study of its own.
        ResolvedStudy study = batch.Resolve() with { ControlAttacks = [], CarriedAttack = null };
        var work = new StudyWork(study, Store, Cache, Shard.Whole);
        if (work.MissingCount() > 0)
            new StudyRunner(batch, work, new NetworkCache(Cache), Threads, Progress)
                .Run(Cancellation);
        return [.. StudyAssembly.Outcomes(study, Store), .. Proofs(study)];
    }

    /// <summary>Images that bounds or the search prove.</summary>
    private IEnumerable<TargetOutcome> Proofs(ResolvedStudy study)
    {
        var plan = new StudyPlan(study);
        return
            from row in plan.Rows
            where row.IsCertificate
            from step in plan.Wanted(row, Store)
            from cell in step.Cells
            where cell.Cell is not null
            group cell.Cell.Outcomes by row.Cell(cell.Target, step.Epsilon) with
            {
                Attack = Proved,
            } into same
            select new TargetOutcome(
                same.Key,
                string.Concat(same.First().Select((_, i) => same.Any(o => o[i] == '1')
                    ? '1'
                    : '0')));
    }
}

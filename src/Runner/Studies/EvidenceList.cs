using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies;

/// <summary>What the attacked cells of a study tell beside accuracies.</summary>
internal static class EvidenceList
{
    /// <summary>
    /// What each attack cost, in the plan's order; images that are shared were made once.
    /// </summary>
    public static IReadOnlyList<AttackEffort> Effort(ResolvedStudy study, CellStore store) =>
        [
            .. from cell in Attacked(study, store)
            where
                cell.Row.Purpose != RowPurpose.Matrix
                && cell.Row is not
                {
                    Purpose: RowPurpose.Control, Threat: ThreatModel.Transfer,
                }
                && (cell.Row.Threat != ThreatModel.Transfer
                    || cell.Address.Target == cell.Row.Source)
            let e = cell.Record.Evidence!
            select new AttackEffort(
                cell.Row.Seed, cell.Row.Threat!.Value, cell.Address.Target, cell.Row.Attack,
                cell.Address.Epsilon.ToString(), e.Attacked, e.Attempts, e.Queries.Mean,
                e.Queries.Median, e.Queries.Most, e.Gradients.Mean, e.Gradients.Median,
                e.Gradients.Most),
        ];

    /// <summary>
    /// What attacks that look for the smallest change found: the same under every budget.
    /// </summary>
    public static IReadOnlyList<SmallestChange> SmallestChanges(
        ResolvedStudy study, CellStore store) =>
        [
            .. from cell in Attacked(study, store)
            where
                cell.Row.Purpose == RowPurpose.Figure
                && cell.Record.Evidence!.Smallest is not null
                && (cell.Row.Threat != ThreatModel.Transfer
                    || cell.Address.Target == cell.Row.Source)
            group cell by cell.Address with
            {
                Epsilon = default,
            } into same
            let a = same.Key
            let s = same.First().Record.Evidence!.Smallest
            select new SmallestChange(
                a.Seed, a.Threat!.Value, a.Target, a.Attack, s.Found, s.NotFound, s.Low, s.Quarter,
                s.Median, s.ThreeQuarters, s.High),
        ];

    /// <summary>The transfer matrix.</summary>
    public static IReadOnlyList<TransferCell> Transfers(ResolvedStudy study, CellStore store) =>
        [
            .. from cell in Attacked(study, store)
            where cell.Row.Purpose == RowPurpose.Matrix
            let right = cell.Record.Right()
            let interval = right.Wilson95()
            select new TransferCell(
                cell.Row.Seed, cell.Row.Source, cell.Address.Target, cell.Row.Attack,
                cell.Address.Epsilon.ToString(), cell.Address.Epsilon.Value, right.Successes,
                right.Trials, right.Value, interval.Low, interval.High),
        ];

    /// <summary>What the checks find, seed by seed.</summary>
    public static IReadOnlyList<StudyDoubt> Doubts(ResolvedStudy study, CellStore store) =>
        [
            .. Unattacked(study),
            .. from cell in Attacked(study, store)
            group cell by cell.Row.Seed into seed
            from doubt in Believability.Examine([.. seed.Select(c => Observe(study, c))])
            let about = doubt.About
            let place = study.Settings.Seeds.Count > 1 ? $"seed {seed.Key}: " : ""
            select new StudyDoubt(
                seed.Key, about.Threat, about.Target, about.Attack, about.Budget.Epsilon.ToString(),
                doubt.Check, place + doubt.Message),
        ];

    /// <summary>Every target, where the study allows no attack to change anything.</summary>
    private static IEnumerable<StudyDoubt> Unattacked(ResolvedStudy study)
    {
        if (study.Settings.Epsilons.Any(e => e.Value > 0)) yield break;
        foreach (ulong seed in study.Settings.Seeds)
            foreach (ResolvedTarget target in study.Targets)
                yield return new(
                    seed, study.Settings.Threats[0], target.Name, study.Attacks[0], "0",
                    Believability.NotAttacked, Believability.Unattacked(target.Name));
    }

    private static Observation Observe(ResolvedStudy study, AttackedCell cell) =>
        new()
        {
            Target = cell.Address.Target,
            Attack = cell.Row.Attack,
            Threat = cell.Row.Threat!.Value,
            Source = cell.Row.Source,
            Budget = study.Settings.Budget(cell.Address.Epsilon),
            ImageLength = study.ImageLength,
            Standing = cell.Record.Right().Successes,
            Images = cell.Record.Outcomes.Length,
            Evidence = cell.Record.Evidence!,
        };

    private static IEnumerable<AttackedCell> Attacked(ResolvedStudy study, CellStore store)
    {
        var plan = new StudyPlan(study);
        return from row in plan.Rows
               where row.Threat is not null
               from step in plan.Wanted(row, store)
               from cell in step.Cells
               where cell.Cell is { Evidence: not null }
               select new AttackedCell(row, row.Cell(cell.Target, step.Epsilon), cell.Cell);
    }

    private sealed record AttackedCell(PlanRow Row, CellAddress Address, CellRecord Record);
}

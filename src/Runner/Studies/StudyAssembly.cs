using QSim.Attacks.Evaluation.Checks;
using QSim.Runner.Statistics;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Predictions;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Studies;

/// <summary>
/// From the cells of a study to its results: always in the plan's order, whatever order the cells
/// were measured in, by whom, and how often somebody was interrupted.
/// </summary>
internal static class StudyAssembly
{
    /// <summary>The results that the cells in a store allow.</summary>
    public static StudyResults Of(ResolvedStudy study, CellStore store)
    {
        var plan = new StudyPlan(study);
        (ResolvedTarget Target, CellRecord? Cell)[] cells =
            [.. plan.Rows.SelectMany(r => plan.Wanted(r, store)).SelectMany(s => s.Cells)];
        IReadOnlyList<TargetOutcome> all = Outcomes(study, store);
        bool isComplete = cells.All(c => c.Cell is not null);
        IReadOnlyList<StudyDoubt> doubts = EvidenceList.Doubts(study, store);
        var margins = new PredictionList(
            study, cells.Where(c => c.Cell?.Threat is null).Select(c => (c.Target.Name, c.Cell)));
        AccuracyCell[] accuracy = [.. all.Where(o => !o.IsWorst).Select(o => o.ToAccuracy())];
        AccuracyCell[] robust = [.. all.Where(o => o.IsWorst).Select(o => o.ToAccuracy())];
        IReadOnlyList<Prediction> predictions = margins.Beside(accuracy.Concat(robust));
        // Two profiles that say the same share a cell; each has its own name here.
        StageCount[] events =
        [
            .. cells.SelectMany(
                c => c.Cell?.Events ?? [], (c, e) => e with { Profile = c.Target.Name }),
        ];
        LayerFacts[] layers =
        [
            .. cells.SelectMany(
                c => c.Cell?.Layers ?? [], (c, l) => l with { Profile = c.Target.Name }),
        ];
        return new()
        {
            Complete = isComplete,
            Study = study.Settings,
            Attacks = study.AttackSettings,
            Models =
            [
                .. from c in cells
                let model = c.Cell?.Model
                where model is not null
                select c.Target.Sha256.Length == 0 ? model : model with { Profile = c.Target.Name },
            ],
            Accuracy = accuracy,
            Robust = robust,
            OverSeeds = study.Settings.Seeds.Count > 1 ? OverSeeds(all) : [],
            Crossovers = CrossoverList.Of(study, all),
            Comparisons = ComparisonList.Of(study, all),
            SmallestValues = SmallestValueList.Of(study, all, layers, events),
            Events = events,
            Layers = layers,
            Margins = margins.Summaries(),
            Predictions = predictions,
            PredictionQuality = PredictionList.Quality(predictions),
            PredictedCrossovers = margins.Crossovers(),
            Effort = EvidenceList.Effort(study, store),
            SmallestChanges = EvidenceList.SmallestChanges(study, store),
            Transfers = EvidenceList.Transfers(study, store),
            Certificates = CertifiedFigures.Of(study, store),
            AccumulatorNeeds = CertifiedFigures.Needs(study, store),
            Doubts = doubts,
            Verdict = isComplete
                ? new(
                    Believability.IsBelievable(doubts.Select(d => d.Check)),
                    Believability.VerdictOf(doubts.Select(d => (d.Target, d.Check))))
                : null,
        };
    }

    /// <summary>
    /// What became of each image in each cell that was measured, the worst attack at the end.
    /// </summary>
    public static IReadOnlyList<TargetOutcome> Outcomes(ResolvedStudy study, CellStore store)
    {
        var plan = new StudyPlan(study);
        TargetOutcome[] outcomes =
        [
            .. from row in plan.Rows
               where row.Purpose == RowPurpose.Figure
               from step in plan.Wanted(row, store)
               from cell in step.Cells
               where cell.Cell is not null
               select new TargetOutcome(row.Cell(cell.Target, step.Epsilon), cell.Cell.Outcomes),
        ];
        return study.Attacks.Count > 1
            ? [.. outcomes, .. WorstAttack.Of(outcomes, study.Attacks)]
            : outcomes;
    }

    private static IReadOnlyList<SeedSpread> OverSeeds(IEnumerable<TargetOutcome> outcomes) =>
        [
            .. from o in outcomes
            group o by o.Address with
            {
                Seed = 0,
            } into same
            let a = same.Key
            let spread = Spread.Of([.. same.Select(o => o.ToAccuracy().Accuracy)])
            select new SeedSpread(
                a.Threat, a.Target, a.Attack, a.Epsilon.ToString(), spread.Count, spread.Mean,
                spread.Lowest, spread.Highest),
        ];
}

using QSim.Attacks.Evaluation;
using QSim.Runner.Statistics;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies.Certifying;

/// <summary>
/// The robust accuracy of one piece of hardware under one budget, from both sides: at least what is
/// proved, at most what nothing broke.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Profile">The hardware.</param>
/// <param name="Epsilon">The budget, as the user wrote it.</param>
/// <param name="EpsilonValue">What that comes to.</param>
/// <param name="Images">Test images.</param>
/// <param name="Proved">Images that provably nothing breaks.</param>
/// <param name="Broken">Images that an attack or the search broke.</param>
/// <param name="Undecided">Images that are right, and neither.</param>
/// <param name="Wrong">Images that are wrong before any attack.</param>
/// <param name="ProvedAccuracy">Proved / images.</param>
/// <param name="ProvedLow95">Lower end of its 95 % Wilson interval.</param>
/// <param name="ProvedHigh95">Upper end of it.</param>
/// <param name="AttackedAccuracy">(Proved + undecided) / images.</param>
/// <param name="AttackedLow95">Lower end of its 95 % Wilson interval.</param>
/// <param name="AttackedHigh95">Upper end of it.</param>
/// <param name="OutOfTime">
/// Undecided images whose time was over: a faster machine may decide them.
/// </param>
/// <param name="TooLoose">The stage that most undecided images blame; null for none.</param>
/// <param name="WhyNot">Why nothing can be proved of it; null where something can.</param>
internal sealed record CertifiedFigure(
    ulong Seed, string Profile, string Epsilon, double EpsilonValue, int Images, int Proved,
    int Broken, int Undecided, int Wrong, double ProvedAccuracy, double ProvedLow95,
    double ProvedHigh95, double AttackedAccuracy, double AttackedLow95, double AttackedHigh95,
    int OutOfTime, string? TooLoose, string? WhyNot)
{
    /// <summary>As in <c>of 500 images 431 proved, 52 broken, 17 undecided at 2/255</c>.</summary>
    public string Line =>
        $"of {Images} images {Proved} proved, {Broken} broken, {Undecided} undecided at {Epsilon}"
            + (Wrong > 0 ? $", {Wrong} wrong before any attack" : "");
}

/// <summary>What an accumulator has to hold for images within a budget of the test set.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Profile">The hardware.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Epsilon">The budget, as the user wrote it.</param>
/// <param name="EpsilonValue">What that comes to.</param>
/// <param name="Bits">
/// The smallest accumulator that provably never overflows for any of these images; null where an
/// unsigned one has to hold what is below 0.
/// </param>
internal sealed record AccumulatorNeed(
    ulong Seed, string Profile, string Layer, string Epsilon, double EpsilonValue, int? Bits);

/// <summary>From cells of certificates to figures, in the plan's order.</summary>
internal static class CertifiedFigures
{
    /// <summary>A bracket for each budget whose certificates are whole.</summary>
    /// <exception cref="ContradictionException">An image is proved and broken.</exception>
    public static IReadOnlyList<CertifiedFigure> Of(ResolvedStudy study, CellStore store)
    {
        if (study.Settings.Certify is not { } how) return [];
        var plan = new StudyPlan(study);
        var fates = new Fates(study, plan, store);
        fates.Check();
        RowPurpose last = how.Method == CertifyMethod.Bounds
            ? RowPurpose.Bounds
            : RowPurpose.Search;
        return
        [
            .. from row in plan.Rows
               where row.Purpose == last
               from step in plan.Wanted(row, store)
               from cell in step.Cells
               where cell.Cell is not null
               let known = fates.Of(row.Seed, cell.Target, step.Epsilon)
               where known is not null
               select Figure(row.Cell(cell.Target, step.Epsilon), cell.Cell.Certificate!, known),
        ];
    }

    /// <summary>Which images are proved, to be paired with those of another run.</summary>
    public static IEnumerable<TargetOutcome> Outcomes(ResolvedStudy study, CellStore store)
    {
        var plan = new StudyPlan(study);
        var fates = new Fates(study, plan, store);
        return
            from figure in Of(study, store)
            let target = study.Targets.First(t => t.Name == figure.Profile)
            let epsilon = study.Settings.Epsilons.First(e => e.Value.Equals(figure.EpsilonValue))
            let known = fates.Of(figure.Seed, target, epsilon)
            where known is not null && figure.WhyNot is null
            select new TargetOutcome(
                new(figure.Seed, figure.Profile, ThreatModel.Hardware, "proved", epsilon)
                {
                    Norm = study.Settings.Norm,
                },
                string.Concat(known.Select(f => f.ProvedBy is null ? '0' : '1')));
    }

    /// <summary>What accumulators have to hold.</summary>
    public static IReadOnlyList<AccumulatorNeed> Needs(ResolvedStudy study, CellStore store)
    {
        var plan = new StudyPlan(study);
        return
        [
            .. from row in plan.Rows
               where row.Purpose == RowPurpose.Bounds
               from step in plan.Wanted(row, store)
               from cell in step.Cells
               from need in cell.Cell?.Certificate?.Needs ?? []
               select new AccumulatorNeed(
                   row.Seed, cell.Target.Name, need.Layer, step.Epsilon.ToString(),
                   step.Epsilon.Value, need.Bits),
        ];
    }

    private static CertifiedFigure Figure(
        CellAddress cell, CertificateRecord certificate, Fate[] fates)
    {
        int images = fates.Length, wrong = fates.Count(f => f.IsWrong),
            proved = fates.Count(f => f.ProvedBy is not null),
            broken = fates.Count(f => f is { IsWrong: false, BrokenBy: not null }),
            open = fates.Count(f => f.IsOpen);
        Proportion low = new(proved, images), high = new(proved + open, images);
        Interval atLeast = low.Wilson95(), atMost = high.Wilson95();
        return new(
            cell.Seed, cell.Target, cell.Epsilon.ToString(), cell.Epsilon.Value, images, proved,
            broken, open, wrong, low.Value, atLeast.Low, atLeast.High, high.Value, atMost.Low,
            atMost.High,
            certificate.Verdicts.Where((v, i) => v == CertificateRecord.OutOfTime
                && fates[i].IsOpen).Count(),
            certificate.Blamed.FirstOrDefault()?.Stage, certificate.WhyNot);
    }
}

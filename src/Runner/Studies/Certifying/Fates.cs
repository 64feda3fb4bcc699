using QSim.Attacks.Evaluation;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies.Certifying;

/// <summary>What is known of an image of one target under one budget.</summary>
/// <param name="IsWrong">Whether it is classified wrong as it is.</param>
/// <param name="ProvedBy">The cell that proves that nothing breaks it; null for none.</param>
/// <param name="BrokenBy">The cell that breaks it; null for none.</param>
internal readonly record struct Fate(bool IsWrong, string? ProvedBy, string? BrokenBy)
{
    /// <summary>Whether it is right as it is, and neither proved nor broken.</summary>
    public bool IsOpen => !IsWrong && ProvedBy is null && BrokenBy is null;
}

/// <summary>
/// All cells of a study together, image by image: what is proved under a budget is so under every
/// smaller one, and what is broken under a budget is so under every larger one.
/// </summary>
/// <param name="study">The study.</param>
/// <param name="plan">Its plan.</param>
/// <param name="store">What was measured.</param>
internal sealed class Fates(ResolvedStudy study, StudyPlan plan, CellStore store)
{
    /// <summary>One for each image; null while the clean ones are not measured.</summary>
    /// <exception cref="ContradictionException">An image is proved and broken.</exception>
    public Fate[]? Of(ulong seed, ResolvedTarget target, Epsilon epsilon)
    {
        CellRecord? clean = store.Find(plan.Keys.Cell(
            CellAddress.Clean(seed, target.Name, study.Settings.Norm)));
        if (clean is null) return null;
        string?[] proved = new string?[clean.Outcomes.Length], broken = [.. proved];
        foreach (PlanRow row in plan.Rows)
        {
            bool isNoted = row.Seed == seed && row.Threat is not null
                && (row.IsCertificate || row.Purpose == RowPurpose.Figure);
            foreach (Epsilon at in isNoted ? row.Epsilons : [])
            {
                if (store.Find(plan.Keys.Cell(row.Cell(target, at))) is not { } cell) continue;
                string by = $"{row.Attack} at {at}";
                if (at.Value <= epsilon.Value) Note(broken, by, i => Breaks(cell, clean, i));
                if (at.Value >= epsilon.Value) Note(proved, by, i => Proves(cell, i));
            }
        }

        Fate[] fates = [.. proved.Select(
            (by, i) => new Fate(clean.Outcomes[i] == '0', by, broken[i]))];
        int contradiction = Array.FindIndex(
            fates, f => f is { ProvedBy: not null, BrokenBy: not null });
        return contradiction < 0
            ? fates
            : throw new ContradictionException(
                $"image {contradiction} of {target.Name}, seed {seed}: proved by "
                    + $"{proved[contradiction]}, and broken by {broken[contradiction]}; one of "
                    + "the two is wrong, and so may be every figure of this run");
    }

    /// <summary>Sees to it that nothing that was measured contradicts a proof.</summary>
    /// <exception cref="ContradictionException">Something does.</exception>
    public void Check()
    {
        if (study.Settings.Certify is null) return;
        foreach (ulong seed in study.Settings.Seeds)
            foreach (ResolvedTarget target in study.Targets.Skip(1))
                foreach (Epsilon epsilon in study.Settings.Epsilons)
                    Of(seed, target, epsilon);
    }

    private static void Note(string?[] who, string by, Predicate<int> says)
    {
        for (int i = 0; i < who.Length; i++)
            if (who[i] is null && says(i)) who[i] = by;
    }

    private static bool Breaks(CellRecord cell, CellRecord clean, int image) =>
        cell.Certificate is { } certificate
            ? certificate.Verdicts[image] == CertificateRecord.Broken
            : cell.Outcomes[image] == '0' && clean.Outcomes[image] == '1';

    private static bool Proves(CellRecord cell, int image) =>
        cell.Certificate?.Verdicts[image] == CertificateRecord.Proved;
}

using QSim.Attacks.Evaluation;
using QSim.Runner.Studies.Certifying;

namespace QSim.Runner.Studies.Cells;

/// <summary>Which part of a study a process works on.</summary>
/// <param name="Index">From 1.</param>
/// <param name="Count">How many parts there are.</param>
internal readonly record struct Shard(int Index, int Count)
{
    /// <summary>All of it.</summary>
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>
    /// Jobs are dealt out like cards, so that each shard gets some of the dear ones.
    /// </summary>
    public bool Has(int job) => IndexOf(job, Count) == Index;

    /// <summary>Which of so many shards has a job, from 1.</summary>
    public static int IndexOf(int job, int count) => (job % count) + 1;
}

/// <summary>Cells of one seed and attack, for every target and budget.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knows; null for clean images.</param>
/// <param name="Attack">The attack's name.</param>
/// <param name="Epsilons">Ascending.</param>
/// <param name="FirstJob">
/// Number of the first job: a job is a target, or the whole row where images are shared.
/// </param>
internal sealed record PlanRow(
    ulong Seed, ThreatModel? Threat, string Attack, IReadOnlyList<Epsilon> Epsilons, int FirstJob)
{
    /// <summary>What the row is for.</summary>
    public RowPurpose Purpose { get; init; } = RowPurpose.Figure;

    /// <summary>How budgets are measured.</summary>
    public Norm Norm { get; init; } = Norm.Linf;

    /// <summary>Under transfer, the target that the images are made on.</summary>
    public string Source { get; init; } = AccuracyCell.FloatTarget;

    /// <summary>Whether it is of certificates, which the float network has none of.</summary>
    public bool IsCertificate => Purpose is RowPurpose.Bounds or RowPurpose.Search;

    /// <summary>Of the study's targets, those that it has cells of.</summary>
    public IEnumerable<ResolvedTarget> Of(IEnumerable<ResolvedTarget> targets) =>
        IsCertificate ? targets.Skip(1) : targets;

    /// <summary>The job that a target's cells belong to.</summary>
    public int Job(int target) => Threat == ThreatModel.Transfer ? FirstJob : FirstJob + target;

    /// <summary>The cell of a target and a budget.</summary>
    public CellAddress Cell(ResolvedTarget target, Epsilon epsilon) =>
        new(Seed, target.Name, Threat, Attack, epsilon) { Norm = Norm, Source = Source };
}

/// <summary>What a row is measured for.</summary>
internal enum RowPurpose
{
    /// <summary>A figure of the study.</summary>
    Figure,

    /// <summary>
    /// A check: an attack that is allowed every change, and should leave nothing; or images made
    /// on the float network, which should leave no less than attacks that know the hardware.
    /// </summary>
    Control,

    /// <summary>The transfer matrix.</summary>
    Matrix,

    /// <summary>What bounds prove, before any attack.</summary>
    Bounds,

    /// <summary>What a search makes of images that are neither proved nor broken.</summary>
    Search,
}

/// <summary>
/// All cells of a study in their one order: by seed, threat model, attack, budget, target; what
/// bounds prove comes before attacks, and the search for what is left after them.
/// </summary>
internal sealed class StudyPlan
{
    private readonly ResolvedStudy _study;
    private readonly ContentKeys _keys;

    public StudyPlan(ResolvedStudy study)
    {
        (_study, _keys) = (study, ContentKeys.Of(study));
        var rows = new List<PlanRow>();
        foreach (ulong seed in study.Settings.Seeds)
        {
            Add(rows, seed, null, AccuracyCell.NoAttack, [new Epsilon(0)]);
            if (study.Settings.Certify is not null)
                Add(
                    rows, seed, ThreatModel.Hardware, StudyCertification.Bounds, Budgets(),
                    RowPurpose.Bounds);
            foreach (ThreatModel threat in study.Settings.Threats)
                foreach (string attack in study.Attacks)
                    Add(rows, seed, threat, attack, Budgets());
            if (study.Settings.Certify is { Method: CertifyMethod.Complete })
                Add(
                    rows, seed, ThreatModel.Hardware, StudyCertification.Search, Budgets(),
                    RowPurpose.Search);
            foreach (string attack in Controlled())
                Add(
                    rows, seed, ThreatModel.Hardware, attack, [study.LargestEpsilon],
                    RowPurpose.Control);
            if (study.CarriedAttack is { } carried)
                Add(
                    rows, seed, ThreatModel.Transfer, carried, Budgets(), RowPurpose.Control);
            foreach (ResolvedTarget source in study.Settings.TransferMatrix ? study.Targets : [])
                foreach (string attack in study.Attacks)
                    Add(
                        rows, seed, ThreatModel.Transfer, attack, Budgets(), RowPurpose.Matrix,
                        source.Name);
        }

        Rows = rows;
    }

    /// <summary>In order.</summary>
    public IReadOnlyList<PlanRow> Rows { get; }

    /// <summary>
    /// Cells in all; fewer are measured where larger budgets are left out at chance.
    /// </summary>
    public int Count => Rows.Sum(r => r.Epsilons.Count * r.Of(_study.Targets).Count());

    /// <summary>
    /// Of the cells that a store should have, how many it has; one that targets share counts for
    /// each of them.
    /// </summary>
    public (int Done, int All) Progress(CellStore store)
    {
        bool[] isThere =
        [
            .. Rows.SelectMany(row => Wanted(row, store))
                .SelectMany(step => step.Cells.Select(c => c.Cell is not null)),
        ];
        return (isThere.Count(there => there), isThere.Length);
    }

    /// <summary>Names by content.</summary>
    public ContentKeys Keys => _keys;

    /// <summary>Every cell by its key; targets that say the same share theirs.</summary>
    public Dictionary<string, CellAddress> Addresses()
    {
        var addresses = new Dictionary<string, CellAddress>();
        foreach (PlanRow row in Rows)
            foreach (Epsilon epsilon in row.Epsilons)
                foreach (CellAddress cell in row.Of(_study.Targets).Select(
                    t => row.Cell(t, epsilon)))
                    addresses.TryAdd(_keys.Cell(cell), cell);
        return addresses;
    }

    /// <summary>The keys of all cells with the job that each belongs to.</summary>
    public IEnumerable<(string Key, int Job)> Jobs() =>
        from row in Rows
        from epsilon in row.Epsilons
        from target in _study.Targets.Index()
        where !row.IsCertificate || target.Index > 0
        select (_keys.Cell(row.Cell(target.Item, epsilon)), row.Job(target.Index));

    /// <summary>What was measured of a row, budget by budget, as far as it is wanted.</summary>
    public IEnumerable<(
        Epsilon Epsilon,
        IReadOnlyList<(ResolvedTarget Target, CellRecord? Cell)> Cells
    )> Wanted(PlanRow row, CellStore store)
    {
        foreach (Epsilon epsilon in row.Epsilons)
        {
            (ResolvedTarget, CellRecord? Cell)[] cells =
                [
                    .. row.Of(_study.Targets).Select(
                        t => (t, store.Find(_keys.Cell(row.Cell(t, epsilon))))),
                ];
            yield return (epsilon, cells);
            if (IsLast(row, cells.Select(c => c.Cell))) yield break;
        }
    }

    /// <summary>The cells of a row that a shard still has to measure.</summary>
    /// <param name="row">The row.</param>
    /// <param name="store">The cells that were measured.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="also">Cells that are wanted though they were measured.</param>
    public IEnumerable<CellAddress> Missing(
        PlanRow row, CellStore store, Shard shard, Predicate<CellAddress>? also = null) =>
        from step in Wanted(row, store)
        from target in step.Cells.Index()
        where (target.Item.Cell is null
            || also?.Invoke(row.Cell(target.Item.Target, step.Epsilon)) == true)
            && shard.Has(row.Job(target.Index + (row.IsCertificate ? 1 : 0)))
        select row.Cell(target.Item.Target, step.Epsilon);

    /// <summary>
    /// Whether larger budgets are left out: every target's Wilson interval reaches down to chance,
    /// or nothing is proved any more.
    /// </summary>
    private bool IsLast(PlanRow row, IEnumerable<CellRecord?> cells) =>
        row.IsCertificate
            ? _study.Settings.StopAtChance
                && cells.All(c => c is not null && !c.Outcomes.Contains('1'))
            : IsAtChance(row, cells);

    private bool IsAtChance(PlanRow row, IEnumerable<CellRecord?> cells) =>
        _study.Settings.StopAtChance && row.Threat is not null
        && (row.Purpose == RowPurpose.Figure || row is
        {
            Purpose: RowPurpose.Control, Threat: ThreatModel.Transfer,
        })
        && cells.All(c => c is not null && c.Right().Wilson95().Low <= 1.0 / _study.Classes);

    private Epsilon[] Budgets() => [.. _study.Settings.Epsilons.Where(e => e.Value > 0)];

    /// <summary>
    /// Attacks that have to break everything when everything is allowed; none that the study does
    /// allow it.
    /// </summary>
    private IReadOnlyList<string> Controlled() =>
        !_study.Settings.Threats.Contains(ThreatModel.Hardware)
        || (!_study.Settings.StopAtChance
            && Budgets().Any(e => e.Value >= _study.LargestEpsilon.Value))
            ? []
            : _study.ControlAttacks;

    private void Add(
        List<PlanRow> rows, ulong seed, ThreatModel? threat, string attack,
        IReadOnlyList<Epsilon> epsilons, RowPurpose purpose = RowPurpose.Figure,
        string source = AccuracyCell.FloatTarget)
    {
        int next = rows.Count == 0 ? 0 : rows.Max(r => r.Job(_study.Targets.Count - 1)) + 1;
        // A search needs to know what attacks broke, and a network of a target's own is best
        // trained where it is attacked: one shard has all that is of a target.
        bool isOfTarget =
            _study.Settings.Certify is not null || _study.Settings.Recipe.IsPerProfile;
        if (isOfTarget && threat is not (null or ThreatModel.Transfer)
            && purpose is not RowPurpose.Matrix)
            next = rows.First(r => r.Seed == seed).FirstJob;
        rows.Add(new(seed, threat, attack, epsilons, next)
        {
            Purpose = purpose,
            Norm = _study.Settings.Norm,
            Source = source,
        });
    }
}

using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Saved;

namespace QSim.Runner.Studies;

/// <summary>What there is to do in a study, and where what was done goes.</summary>
/// <param name="study">The study.</param>
/// <param name="store">Its cells.</param>
/// <param name="cache">Networks and images.</param>
/// <param name="shard">The part to work on.</param>
internal sealed class StudyWork(
    ResolvedStudy study, CellStore store, ContentCache cache, Shard shard)
{
    private readonly StudyPlan _plan = new(study);

    /// <summary>Where adversarial images go; null where nobody wants them.</summary>
    public SavedImages? Saved { get; init; }

    /// <summary>Where networks, images and measured circuits are kept.</summary>
    public ContentCache Cache => cache;

    /// <summary>Whether the study asks what circuits cost.</summary>
    public bool PricesCircuits => study.Settings.Cost is not null;

    /// <summary>Rows of cells in order.</summary>
    public IReadOnlyList<PlanRow> Rows => _plan.Rows;

    /// <summary>Names by content.</summary>
    public ContentKeys Keys => _plan.Keys;

    /// <summary>Cells in all, those of other shards too.</summary>
    public int Total => _plan.Count;

    /// <summary>Cells that were measured, those of other versions among them.</summary>
    public int Measured => store.All.Count;

    /// <summary>Cells of a row that nobody measured yet and that are this shard's.</summary>
    public IEnumerable<CellAddress> Missing(PlanRow row) => _plan.Missing(
        row, store, shard,
        cell => row is { Purpose: RowPurpose.Figure, Threat: not null }
            && Saved?.Lacks(cell) == true);

    /// <summary>
    /// How many cells of a row will still be measured: where earlier rows came to chance, it will.
    /// Once it is past that, the next budget's.
    /// </summary>
    public int Likely(PlanRow row)
    {
        CellAddress[] missing = [.. Missing(row)];
        Epsilon[] ends =
        [
            .. Rows.TakeWhile(r => r != row)
                .Where(r => r.Seed == row.Seed && r.Threat is not null && r.Epsilons.Count > 1)
                .Where(r => Reached(r) < r.Epsilons.Count && !Missing(r).Any())
                .Select(r => r.Epsilons[Reached(r) - 1]),
        ];
        if (ends.Length == 0 || missing.Length == 0) return missing.Length;
        double end = Math.Max(
            ends.Min(e => e.Value), missing.Min(c => c.Epsilon.Value));
        return missing.Count(c => c.Epsilon.Value <= end);
    }

    /// <summary>
    /// The same as so many cells of work: images that are shared are made once for all targets,
    /// and an attack that may do everything is soon done.
    /// </summary>
    public double Effort(PlanRow row) => row switch
    {
        { Threat: ThreatModel.Transfer } => (double)Likely(row) / study.Targets.Count,
        { Purpose: RowPurpose.Control } => 0,
        _ => Likely(row),
    };

    /// <summary>Cells still to do.</summary>
    public int MissingCount() => Rows.Sum(r => Missing(r).Count());

    /// <summary>Whether cells of any shard are missing.</summary>
    public bool IsPartial() => Rows.Any(r => _plan.Missing(r, store, Shard.Whole).Any());

    /// <summary>Budgets of a row that are wanted: all, or up to the first at chance.</summary>
    public int Reached(PlanRow row) => _plan.Wanted(row, store).Count();

    /// <summary>Puts a clean cell on the disk.</summary>
    public void Add(
        CellAddress address, TargetList targets, IEnumerable<bool> isRight, CleanFacts facts) =>
        store.Append(Record(address, targets, isRight) with
        {
            Events = facts.Events,
            Layers = facts.Layers,
            Model = facts.Model,
            Margins = facts.Margins,
        });

    /// <summary>Puts an attacked cell on the disk.</summary>
    public void Add(
        CellAddress address, TargetList targets, IEnumerable<bool> isRight,
        AttackEvidence evidence) =>
        store.Append(Record(address, targets, isRight) with { Evidence = evidence });

    /// <summary>Whether the networks of a seed are those that its cells were measured on.</summary>
    /// <exception cref="RequestException">They are others.</exception>
    public void Check(ulong seed, NetworkList trained)
    {
        var measured = new MeasuredNetworks(study);
        measured.Add(store, "this folder's cells");
        foreach ((string target, TrainedNetwork network) in trained.All)
            measured.Add(seed, target, network.Report.Sha256, "training here");
    }

    /// <summary>
    /// Whether the folder is still this run's, and holds the cells that it should.
    /// </summary>
    /// <exception cref="IOException">It is not, or it does not.</exception>
    public void Check() => store.Check();

    /// <summary>What became of each image so far.</summary>
    public IReadOnlyList<TargetOutcome> Outcomes() => StudyAssembly.Outcomes(study, store);

    /// <summary>The results so far.</summary>
    public StudyResults Results() => StudyAssembly.Of(study, store);

    /// <summary>Puts a cell of certificates on the disk.</summary>
    public void Add(
        CellAddress address, TargetList targets, IEnumerable<bool> isProved,
        CertificateRecord certificate) =>
        store.Append(Record(address, targets, isProved) with { Certificate = certificate });

    /// <summary>What the cells so far say of each image of a target under a budget.</summary>
    /// <exception cref="ContradictionException">An image is proved and broken.</exception>
    public Fate[] Fates(CellAddress cell) =>
        new Fates(study, _plan, store).Of(
            cell.Seed, study.Targets.First(t => t.Name == cell.Target), cell.Epsilon)
        ?? throw new InvalidOperationException("certificates before clean images");

    /// <summary>
    /// Images of which nobody knows yet whether they can be broken; null where nobody asks.
    /// </summary>
    public bool[]? Open(CellAddress cell) => study.Settings.Certify is null
        ? null
        : new Fates(study, _plan, store).Of(
            cell.Seed, study.Targets.First(t => t.Name == cell.Target), cell.Epsilon)
            ?.Select(f => f.IsOpen).ToArray();

    /// <summary>Sees to it that nothing that was measured contradicts a proof.</summary>
    /// <exception cref="ContradictionException">Something does.</exception>
    public void CheckProofs() => new Fates(study, _plan, store).Check();

    private CellRecord Record(
        CellAddress address, TargetList targets, IEnumerable<bool> isRight) =>
        CellRecord.Of(Keys.Cell(address), address, targets.NetworkSha256, isRight);

    /// <summary>Images from the cache, or made and put there.</summary>
    public SharedImages Cached(
        string key, LabelledImages images, Func<SharedImages> make)
    {
        if (cache.Get(ContentCache.Images, key) is { } known
            && SharedImages.Parse(known, images.Count, images.Pixels.Length) is { } shared)
            return shared;
        SharedImages made = make();
        cache.Put(ContentCache.Images, key, made.ToBytes());
        return made;
    }
}

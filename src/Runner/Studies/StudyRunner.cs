using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Examples;
using QSim.Simulator;

namespace QSim.Runner.Studies;

/// <summary>
/// Answers a study's question: for each seed trains, quantizes, attacks whatever is not yet
/// measured.
/// </summary>
/// <param name="study">What was read.</param>
/// <param name="work">What there is to do, and where it goes.</param>
/// <param name="networks">Networks that were trained before.</param>
/// <param name="threads">Most threads; 0 for one per core. Results do not depend on it.</param>
/// <param name="progress">Told how it gets on.</param>
internal sealed class StudyRunner(
    StudyInputs study, StudyWork work, NetworkCache networks, int threads, IProgressSink progress)
{
    private static readonly TimeSpan Shown = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, double> _seconds = [];
    private readonly Dictionary<string, string> _backends = [];
    private readonly RemainingTime _remaining = new(TimeProvider.System);
    private readonly Stopwatch _shown = Stopwatch.StartNew();
    private readonly Calibrations _calibrations = new();

    /// <summary>Seconds that each part took, so far.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>Which backend runs each profile; empty before quantization.</summary>
    public IReadOnlyDictionary<string, string> Backends => _backends;

    /// <summary>Handed the networks of a seed as soon as they are trained.</summary>
    public Action<NetworkList>? Trained { get; init; }

    /// <summary>Measures what is missing.</summary>
    /// <exception cref="OperationCanceledException">
    /// The user stopped it; cells that were finished are kept.
    /// </exception>
    public void Run(CancellationToken cancellation)
    {
        foreach (IGrouping<ulong, PlanRow> rows in work.Rows.GroupBy(r => r.Seed))
        {
            if (!rows.SelectMany(work.Missing).Any()) continue;
            RunSeed(study.ForSeed(rows.Key), [.. rows], cancellation);
        }
    }

    /// <summary>A few images to look at, of a study that lacks nothing.</summary>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public ExampleSet Examples(CancellationToken cancellation) =>
        Timed(
            "examples",
            () => new ExampleMaker(study, work, networks, threads, progress)
            {
                Calibrations = _calibrations,
            }.Make(cancellation));

    private void RunSeed(StudyInputs whole, PlanRow[] rows, CancellationToken cancellation)
    {
        StudyInputs inputs = whole with { Profiles = [.. Needed(whole, rows)] };
        using NetworkList trained = Timed("train", () =>
            NetworkList.Train(inputs, work.Keys, networks, threads, progress, cancellation));
        work.Check(inputs.Settings.Seed, trained);
        Trained?.Invoke(trained);
        using HardwareList hardware = Timed(
            "quantize",
            () => HardwareList.Create(
                inputs, progress, target => trained.Of(target).Network, _calibrations,
                cancellation));
        foreach ((string profile, Simulation simulation) in hardware.All)
            _backends[profile] = simulation.Backend;
        var targets = new TargetList(inputs, trained, hardware);
        foreach (PlanRow row in rows.Where(r => work.Missing(r).Any()))
        {
            if (row.Threat is null)
                Timed("clean", () => Clean(row, inputs, trained, hardware, targets, cancellation));
            else if (row.IsCertificate)
                Timed("certify", () => Certify(row, inputs, hardware, targets, cancellation));
            else
                Timed("attack", () => Attack(row, inputs, targets, cancellation));
            work.CheckProofs();
        }
    }

    /// <summary>Profiles that lack cells, and those that images are made on for others.</summary>
    private IEnumerable<StudyProfile> Needed(StudyInputs inputs, PlanRow[] rows)
    {
        HashSet<string> lacking =
            [.. rows.SelectMany(work.Missing).SelectMany(c => new[] { c.Target, c.Source })];
        return inputs.Profiles.Where(p => lacking.Contains(p.Name));
    }

    private int Clean(
        PlanRow row, StudyInputs inputs, NetworkList trained, HardwareList hardware,
        TargetList targets, CancellationToken cancellation)
    {
        progress.Begin(
            $"{Named(row)}classify {inputs.Data.Test.Count} clean images, count events, predict");
        var simulations = hardware.All.ToDictionary(h => h.Profile, h => h.Simulation);
        new CleanRow(inputs, row, work, targets).Run(trained, simulations, cancellation);
        return 0;
    }

    private int Certify(
        PlanRow row, StudyInputs inputs, HardwareList hardware, TargetList targets,
        CancellationToken cancellation)
    {
        progress.Begin(Named(row) + Described(row));
        int before = work.MissingCount(), inRow = Math.Max(1, work.Missing(row).Count());
        PlanRow[] later = Later(row);
        var run = new CertifyRowRun(
            threads == 0 ? Environment.ProcessorCount : threads,
            (share, cell) =>
            {
                if (IsTooSoon()) return;
                double done = Math.Min(inRow, before - work.MissingCount() + share);
                progress.Report(
                    done / inRow,
                    Left(done, inRow - done, later) + $"{cell.Epsilon} on {cell.Target}");
            });
        _remaining.Start(row.Attack);
        new CertifyRow(inputs, row, work, targets, run).Run(
            hardware.All.ToDictionary(h => h.Profile, h => h.Simulation), cancellation);
        return 0;
    }

    private int Attack(
        PlanRow row, StudyInputs inputs, TargetList targets, CancellationToken cancellation)
    {
        progress.Begin(Named(row) + Described(row));
        int before = work.Missing(row).Count();
        PlanRow[] later = Later(row);
        var grid = new AttackGrid(inputs, row, work, targets, (share, what) =>
        {
            if (IsTooSoon()) return;
            double done = before - work.Missing(row).Count() + share;
            double left = Math.Max(0, work.Likely(row) - share);
            progress.Report(
                Math.Min(1, done / Math.Max(done + left, 1)),
                Left(done, left, later) + what);
        });
        _remaining.Start(row.Attack);
        grid.Run(cancellation);
        if (work.Missing(row).Any() || !LeftOut(row))
            return 0;
        progress.Report(1, "at chance: larger budgets left out");
        return 0;
    }

    /// <summary>Looking through all cells takes longer than a small attack on one.</summary>
    private bool IsTooSoon()
    {
        if (_shown.Elapsed < Shown) return true;
        _shown.Restart();
        return false;
    }

    /// <summary>What is attacked or certified behind a row.</summary>
    private PlanRow[] Later(PlanRow row) =>
        [.. work.Rows.SkipWhile(r => r != row).Skip(1).Where(r => r.Threat is not null)];

    /// <summary>How long the rest takes; a search before it began is named, not guessed.</summary>
    private string Left(double done, double left, PlanRow[] later)
    {
        ILookup<bool, PlanRow> isUnknown = later.ToLookup(r =>
            r.Purpose == RowPurpose.Search && !_remaining.Knows(r.Attack));
        return _remaining.After(
            done, left, isUnknown[false].Select(r => (r.Attack, work.Effort(r))),
            isUnknown[true].Any(r => work.Effort(r) > 0) ? ", then the search for proofs" : "");
    }

    private bool LeftOut(PlanRow row) =>
        study.Settings.StopAtChance && work.Reached(row) < row.Epsilons.Count;

    private static string Described(PlanRow row) =>
        row.Purpose switch
        {
            RowPurpose.Control when row.Threat == ThreatModel.Transfer =>
                $"check what {row.Attack} on the float network alone breaks",
            RowPurpose.Control =>
                $"check that {row.Attack} breaks everything when everything is allowed",
            RowPurpose.Bounds => "prove by bounds what nothing breaks",
            RowPurpose.Search => "search for proof or counterexample where neither is known",
            RowPurpose.Matrix => $"attack {row.Source} with {row.Attack}, for the transfer matrix",
            RowPurpose.Figure => $"attack with {row.Attack}",
        };

    private string Named(PlanRow row) =>
        (study.Settings.Seeds.Count > 1 ? $"seed {row.Seed}: " : "")
        + (
            study.Settings.Threats.Count > 1 && row.Threat is { } threat
                ? $"threat {EnumWord.Of(threat)}: "
                : "");

    private T Timed<T>(string part, Func<T> work)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            return work();
        }
        finally
        {
            _seconds[part] = Math.Round(
                _seconds.GetValueOrDefault(part) + clock.Elapsed.TotalSeconds, 3);
        }
    }
}

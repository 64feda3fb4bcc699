using QSim.Attacks.Evaluation;
using QSim.Certificates;
using QSim.Certificates.Bounds;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>The missing cells of one row of certificates, budget after budget.</summary>
/// <param name="inputs">The study.</param>
/// <param name="row">The row.</param>
/// <param name="work">Where cells are looked up and go to.</param>
/// <param name="targets">The seed's targets.</param>
/// <param name="run">How to go about it.</param>
internal sealed class CertifyRow(
    StudyInputs inputs, PlanRow row, StudyWork work, TargetList targets, CertifyRowRun run)
{
    private readonly LabelledImages _images = targets.Images;
    private readonly StudyCertification _how = inputs.Settings.Certify!;

    /// <summary>
    /// Bounds come first and look at nothing else, so that they say the same where attacks were
    /// measured before them, as behind a merge.
    /// </summary>
    private bool IsOfBounds => row.Purpose == RowPurpose.Bounds;

    /// <summary>Measures what is missing.</summary>
    /// <param name="hardware">By name.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="OperationCanceledException">
    /// It was cancelled; cells handed out stay good.
    /// </exception>
    public void Run(
        IReadOnlyDictionary<string, Simulation> hardware, CancellationToken cancellation)
    {
        var certifiers = new Dictionary<string, ImageCertifier>();
        try
        {
            foreach (Epsilon epsilon in row.Epsilons)
            {
                foreach (CellAddress cell in work.Missing(row).ToArray())
                {
                    if (cell.Epsilon != epsilon) continue;
                    Simulation simulation = hardware[cell.Target];
                    if (ProgramBounds.WhyNot(simulation.Program) is { } reason)
                    {
                        Refuse(cell, reason);
                        continue;
                    }

                    if (!certifiers.TryGetValue(cell.Target, out ImageCertifier? certifier))
                        certifiers[cell.Target] = certifier = Create(simulation);
                    Certify(cell, certifier, simulation, cancellation);
                }
            }
        }
        finally
        {
            foreach (ImageCertifier certifier in certifiers.Values) certifier.Dispose();
        }
    }

    private ImageCertifier Create(Simulation simulation) => new(simulation)
    {
        Method = IsOfBounds ? CertifyMethod.Bounds : _how.Method,
        Seconds = _how.Seconds,
        MostNodes = _how.Nodes,
    };

    private void Refuse(CellAddress cell, string reason) =>
        work.Add(
            cell, targets, new bool[_images.Count],
            new CertificateRecord
            {
                Verdicts = new(CertificateRecord.Skipped, _images.Count),
                WhyNot = reason,
            });

    private void Certify(
        CellAddress cell, ImageCertifier certifier, Simulation simulation,
        CancellationToken cancellation)
    {
        Fate[] known = work.Fates(cell);
        Budget budget = inputs.Settings.Budget(cell.Epsilon);
        var decided = new CertifiedImage?[_images.Count];
        var needs = new Dictionary<string, int?>();
        int done = 0;
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = run.Threads,
            CancellationToken = cancellation,
        };
        Parallel.For(0, decided.Length, options, i =>
        {
            ReadOnlySpan<float> image = _images.Image(i);
            if (IsOfBounds)
                Add(needs, AccumulatorNeeds.Of(simulation.Program, certifier.Tensors(
                    image, budget)));
            if (IsOfBounds ? !known[i].IsWrong : known[i].IsOpen)
                decided[i] = certifier.Decide(image, _images.Labels[i], budget, cancellation);
            lock (decided) run.Report((double)++done / decided.Length, cell);
        });
        work.Add(
            cell, targets,
            known.Select((fate, i) => !fate.IsWrong
                && ((!IsOfBounds && fate.ProvedBy is not null)
                    || decided[i]?.Verdict == Verdict.Proved)),
            Record(simulation, decided, needs));
    }

    private static CertificateRecord Record(
        Simulation simulation, CertifiedImage?[] decided, Dictionary<string, int?> needs) => new()
        {
            Verdicts = string.Concat(decided.Select(Letter)),
            Nodes = decided.Sum(d => d?.Nodes ?? 0),
            Blamed =
            [
                .. decided.Where(d => d?.Blame is not null)
                    .GroupBy(d => d!.Blame!)
                    .Select(g => new BlamedStage(g.Key, g.Count()))
                    .OrderByDescending(b => b.Images)
                    .ThenBy(b => b.Stage, StringComparer.Ordinal),
            ],
            Needs =
            [
                .. simulation.Program.Layers.Where(l => needs.ContainsKey(l.Name))
                    .Select(l => new LayerNeed(l.Name, needs[l.Name])),
            ],
        };

    private static char Letter(CertifiedImage? image) => image switch
    {
        null => CertificateRecord.Skipped,
        { Verdict: Verdict.Proved } => CertificateRecord.Proved,
        { Verdict: Verdict.Broken } => CertificateRecord.Broken,
        { IsOutOfTime: true } => CertificateRecord.OutOfTime,
        _ => CertificateRecord.Undecided,
    };

    private static void Add(
        Dictionary<string, int?> needs, IEnumerable<(string Layer, int? Bits)> found)
    {
        (string Layer, int? Bits)[] all = [.. found];
        lock (needs)
            foreach ((string layer, int? bits) in all)
                // What one image needs a sign for, all need it for.
                needs[layer] = needs.TryGetValue(layer, out int? before) && !(before > bits)
                    ? before is null ? null : bits
                    : before ?? bits;
    }
}

/// <summary>How a row is gone about: nothing of it decides what cells say.</summary>
/// <param name="Threads">Images at once.</param>
/// <param name="Report">Told what share of a cell is done.</param>
internal sealed record CertifyRowRun(int Threads, Action<double, CellAddress> Report);

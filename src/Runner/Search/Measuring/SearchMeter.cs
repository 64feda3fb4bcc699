using QSim.Kernels.Datapath;
using QSim.Runner.Output.Progress;
using QSim.Runner.Silicon.Costs;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Costs;
using QSim.Runner.Studies.Searching;
using QSim.Runner.Studies.Sweeps;
using QSim.Simulator;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Search.Measuring;

/// <summary>
/// Measures designs by the cells of studies, each kept by its content: what was measured once, by
/// whatever search, is there.
/// </summary>
internal sealed class SearchMeter : IDisposable
{
    private readonly StudyInputs _inputs;
    private readonly SearchCells _cells;
    private readonly IReadOnlyCollection<Metric> _metrics;
    private IReadOnlyDictionary<string, string> _labels = SweepLabels.Of([]);
    private readonly NetworkList _trained;
    private readonly Calibrations _calibrations = new();

    /// <summary>Trains the network, or loads it.</summary>
    /// <param name="inputs">The study, its one profile the start.</param>
    /// <param name="metrics">Figures that somebody asks for.</param>
    /// <param name="keys">The free keys.</param>
    /// <param name="cells">Where cells go.</param>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public SearchMeter(
        StudyInputs inputs, IReadOnlyCollection<Metric> metrics, IEnumerable<string> keys,
        SearchCells cells)
    {
        (_inputs, _metrics, _cells) = (inputs, metrics, cells);
        Name(keys);
        _trained = NetworkList.Train(
            inputs, new ContentKeys(inputs.Resolve()), new(cells.Cache), cells.Threads,
            cells.Progress, cells.Cancellation);
    }

    /// <summary>Sets which keys designs may differ in: their names say them.</summary>
    public void Name(IEnumerable<string> keys) => _labels = SweepLabels.Of(keys);

    /// <summary>The network on the profile as it is.</summary>
    public QuantizedProgram StartProgram()
    {
        using HardwareList hardware = HardwareList.Create(
            _inputs, Unseen.Progress, _ => _trained.Float.Network, _calibrations,
            _cells.Cancellation);
        return hardware.All[0].Simulation.Program;
    }

    /// <summary>What costs nothing to know of a design: whether it can be, and its costs.</summary>
    /// <param name="values">Indices of values.</param>
    /// <param name="point">The same as settings; none for the start itself.</param>
    public Design Examine(int[] values, IReadOnlyList<SweepSetting> point)
    {
        var design = new Design(values, point, NameOf(point));
        try
        {
            StudyProfile profile = StudyInputs.ReadProfile(
                _inputs.Settings.Profiles[0], point, _labels, _inputs.Network);
            using HardwareList hardware = HardwareList.Create(
                _inputs with { Profiles = [profile] }, Unseen.Progress,
                _ => _trained.Float.Network, _calibrations, _cells.Cancellation);
            return design with { Profile = profile, Costs = Costs(hardware) };
        }
        catch (Exception e) when (e is InputException or QuantizationException or RequestException)
        {
            return design with { Fate = DesignFate.Impossible, Reason = Brief.Message(e.Message) };
        }
    }

    /// <summary>The designs with what became of the images of a rung.</summary>
    public Design[] Measure(IReadOnlyList<Design> designs, Rung rung)
    {
        ILookup<string, TargetOutcome> outcomes = Outcomes(
            rung, [.. designs.Select(d => d.Profile!)]);
        return
        [
            .. designs.Select(d => d with
            {
                Outcomes = ByMetric(outcomes[d.Name], rung),
            }),
        ];
    }

    /// <summary>What becomes of images on the float network, by metric.</summary>
    public IReadOnlyDictionary<Metric, string> OfFloat(Rung rung) =>
        ByMetric(Outcomes(rung, [])[AccuracyCell.FloatTarget], rung);

    /// <inheritdoc/>
    public void Dispose() => _trained.Dispose();

    private string NameOf(IReadOnlyList<SweepSetting> point) =>
        SweepLabels.Name(_inputs.Profiles[0].Profile.Name, point, _labels);

    private ILookup<string, TargetOutcome> Outcomes(
        Rung rung, IReadOnlyList<StudyProfile> profiles) =>
        _cells.Measure(Batch(rung, profiles)).ToLookup(o => o.Address.Target);

    private StudyInputs Batch(Rung rung, IReadOnlyList<StudyProfile> profiles) => _inputs with
    {
        Settings = _inputs.Settings with
        {
            Images = rung.Images,
            Certify = rung.IsWhole ? _inputs.Settings.Certify : null,
        },
        Data = _inputs.Data with { Test = _inputs.Data.Test.Slice(0, rung.Images) },
        Profiles = profiles,
        Attacks = [.. _inputs.Attacks.Where(a => rung.Attacks.Contains(a.Attack.Name))],
    };

    private Dictionary<Metric, string> ByMetric(IEnumerable<TargetOutcome> outcomes, Rung rung)
    {
        TargetOutcome[] all = [.. outcomes];
        var found = new Dictionary<Metric, string>();
        foreach (Metric metric in _metrics.Where(m => m.IsAccuracy))
            if (all.FirstOrDefault(o => Has(metric, o, rung)) is { } outcome)
                found[metric] = outcome.Outcomes;
        return found;
    }

    private static bool Has(Metric metric, TargetOutcome outcome, Rung rung)
    {
        CellAddress a = outcome.Address;
        return metric.Kind switch
        {
            MetricKind.Clean => a.Threat is null,
            MetricKind.Proved => a.Attack == SearchCells.Proved
                && a.Epsilon.Equals(metric.Epsilon!.Value),
            MetricKind.Worst => a.Threat is not null && a.Attack != SearchCells.Proved
                && (rung.Attacks.Count == 1 || outcome.IsWorst)
                && a.Epsilon.Equals(metric.Epsilon!.Value),
            _ => throw new ArgumentOutOfRangeException(nameof(metric), metric.Kind, null),
        };
    }

    private Dictionary<Metric, double> Costs(HardwareList hardware)
    {
        MacLayer[] layers =
            [.. hardware.All[0].Simulation.Program.Layers.OfType<MacLayer>()];
        ProfileFigures? modelled = _metrics.Any(m => m.IsModelled) ? Modelled(hardware) : null;
        var costs = new Dictionary<Metric, double>();
        foreach (Metric metric in _metrics.Where(m => !m.IsAccuracy))
            costs[metric] = metric.Kind switch
            {
                MetricKind.WeightBits => layers.Sum(l => (double)l.Weights.Length * l.WeightBits),
                MetricKind.BitOperations => layers.Sum(l =>
                    (double)l.Depth * l.Output.Shape.Length * l.WeightBits * l.Input.Bits),
                MetricKind.Area => Known(modelled!.AreaUm2, metric),
                MetricKind.Delay => Known(modelled!.PathNs, metric),
                MetricKind.Energy => Known(modelled!.UnitsNanojoules, metric),
                _ => throw new ArgumentOutOfRangeException(nameof(metric), metric.Kind, null),
            };
        return costs;
    }

    /// <summary>By the fitted model, which says the same on every machine.</summary>
    private ProfileFigures Modelled(HardwareList hardware)
    {
        var request = new CostRequest(
            CostTarget.Asic, new CostTools(null, null, null, null, null),
            EnergyConstants.Horowitz, null)
        {
            MayLack = true,
        };
        CostReport report = ProfileCosts.Of(
            hardware.All, _inputs.Data.Test, request, new ContentCache(null), Unseen.Progress,
            _cells.Cancellation);
        if (report.Without.FirstOrDefault(w => w.Layer.Length > 0) is { Reason: { } reason } lacks
            && report.Profiles[0].Units.Count == 0)
            throw new RequestException($"no circuit: {lacks.Layer}: {reason}");
        return CostRows.Together(
            report.Profiles[0].Profile, report.Profiles[0].Units, EnergyConstants.Horowitz);
    }

    private static double Known(double? figure, Metric metric) =>
        figure ?? throw new RequestException($"nothing is known of its {metric.Name}");
}

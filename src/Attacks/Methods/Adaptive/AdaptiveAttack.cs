using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods.Overflow;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary>The parts of <see cref="AdaptiveAttack"/>, for ablation.</summary>
[Flags]
internal enum AdaptiveParts
{
    None = 0,

    /// <summary>Square's best points, to start from.</summary>
    Square = 1,

    /// <summary>Overflow's last points, to start from.</summary>
    Overflow = 2,

    /// <summary>
    /// Gradients through wraps as they are: straight through what the hardware did.
    /// </summary>
    AsIs = 4,

    /// <summary>Gradients through the exact sums, as if nothing wrapped.</summary>
    Exact = 8,

    /// <summary>Gradients through wraps smoothed over the accumulator's period.</summary>
    Smoothed = 16,

    /// <summary>Steps end on the input's own grid.</summary>
    Grid = 32,

    /// <summary>Search on raw inputs, pixel by pixel, at the end.</summary>
    Coordinates = 64,

    All = 127,
}

/// <summary>
/// A white box that knows the datapath: our own. Starts at the image, at the best point of Square
/// and at Overflow's; from each, projected steps along three gradients (through wraps as they are,
/// through the exact sums, through wraps smoothed over the accumulator's period), every step ending
/// on a raw value of the input; at the end a search on raw inputs. Every iterate is shown to the
/// hardware.
/// </summary>
internal sealed class AdaptiveAttack : IAttack, IDisposable
{
    private readonly AdaptiveParts _parts;
    private readonly int _steps;
    private readonly SquareAttack _square;
    private readonly OverflowAttack _overflow;
    private readonly IGradientModel _exact;
    private readonly IGradientModel? _smoothed;
    private readonly CutProgram? _cut;
    private readonly InputGrid? _grid;
    private readonly CoordinateSearch? _search;

    /// <summary>Prepares gradients, probes and the cut program.</summary>
    /// <param name="network">The network that the program was made from.</param>
    /// <param name="program">The hardware; null for the float network itself.</param>
    /// <param name="steps">Steps along each gradient from each start.</param>
    /// <param name="queries">Square's queries.</param>
    /// <param name="gradients">
    /// What differentiates the network; null for the managed engine.
    /// </param>
    /// <param name="parts">What it does.</param>
    /// <param name="name">Its name in results.</param>
    public AdaptiveAttack(
        FloatNetwork network, QuantizedProgram? program, int steps = 40, int queries = 1000,
        IGradientEngine? gradients = null, AdaptiveParts parts = AdaptiveParts.All,
        string name = "adaptive")
    {
        (_steps, _parts, Name) = (steps, parts, name);
        _square = new(queries);
        _overflow = new(network, Has(AdaptiveParts.Overflow) ? program : null, steps, gradients);
        _exact = gradients?.Create(network) ?? new ManagedGradientModel(network);
        if (program is null) return;
        if (WrappedNetwork.Of(network, program) is { } wrapped)
            _smoothed = new ManagedGradientModel(wrapped);
        _cut = new(program);
        _grid = new(_cut.Input);
        _search = new(_cut);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <inheritdoc/>
    /// <remarks>Models and the cut program.</remarks>
    public bool RunsAlone => true;

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        var best = new BestPoints(run);
        List<float[]> starts = [best.Snapshot()];
        if (Has(AdaptiveParts.Square)) starts.Add(Made(run, best, _square, 0));
        if (Has(AdaptiveParts.Overflow) && _overflow.Layers.Any())
            for (int layer = 0; layer < _overflow.Attempts(run.Classes); layer++)
                starts.Add(Made(run, best, _overflow, layer));
        foreach (float[] start in starts)
        {
            if (Has(AdaptiveParts.AsIs)) Climb(run, best, start, null);
            if (Has(AdaptiveParts.Exact) && _cut is not null) Climb(run, best, start, _exact);
            if (Has(AdaptiveParts.Smoothed) && _smoothed is not null)
                Climb(run, best, start, _smoothed);
        }

        best.Restore();
        if (Has(AdaptiveParts.Coordinates)) _search?.Run(run);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _overflow.Dispose();
        _exact.Dispose();
        _smoothed?.Dispose();
        _cut?.Dispose();
    }

    private bool Has(AdaptiveParts part) => (_parts & part) != 0;

    /// <summary>Where another attack ends.</summary>
    private static float[] Made(AttackRun run, BestPoints best, IAttack attack, int attempt)
    {
        best.Reset();
        run.Delegate(attack, attempt);
        run.Query();
        best.Note();
        return best.Snapshot();
    }

    /// <summary>
    /// Steps up a gradient, from twice epsilon over four down to one step of the input.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="best">Told of every iterate.</param>
    /// <param name="start">By slot.</param>
    /// <param name="model">Whose gradient; null for the source's own, straight through.</param>
    private void Climb(AttackRun run, BestPoints best, float[] start, IGradientModel? model)
    {
        best.Load(start);
        double epsilon = run.Budget.Epsilon.Value;
        if (!double.IsFinite(epsilon)) epsilon = Math.Sqrt(run.ImageLength);
        var gradients = new ModelGradients(run, model);
        for (int i = 0; i < _steps && run.Active.Count > 0; i++)
        {
            double step = epsilon * 0.5 * (1 + Math.Cos(Math.PI * i / _steps)) * 0.5;
            gradients.Ask();
            best.Note();
            foreach (int slot in run.Active)
            {
                Span<float> image = run.Current(slot);
                Ascent.Step(run.Budget.Norm, gradients.Of(slot), step, image);
                run.Constrain(slot);
                if (Has(AdaptiveParts.Grid)) _grid?.Snap(image);
                run.Constrain(slot);
            }
        }

        run.Query();
        best.Note();
    }
}

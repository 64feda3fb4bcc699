using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Methods.Overflow;

/// <summary>
/// Climbs the hardware's accumulators instead of the loss, to push sums over the edge of their
/// registers: our own. One attempt per layer that can overflow at all, projected sign steps as in
/// PGD, every iterate shown to the hardware. A narrow wrapping accumulator may turn the sign of a
/// sum, which no loss of the float network sees.
/// </summary>
internal sealed class OverflowAttack : IAttack, IDisposable
{
    private readonly List<AccumulatorProbe> _probes = [];
    private readonly PressureLoss _loss = new();
    private readonly int _steps;

    /// <summary>Prepares probes for the layers that can overflow.</summary>
    /// <param name="network">The network that the program was made from.</param>
    /// <param name="program">
    /// The hardware; null for the float network itself, on which there is nothing to press.
    /// </param>
    /// <param name="steps">Steps per layer, each 2.5 epsilon over their number.</param>
    /// <param name="gradients">What differentiates the probes; null for the managed engine.</param>
    /// <param name="name">Its name in results.</param>
    public OverflowAttack(
        FloatNetwork network, QuantizedProgram? program, int steps = 40,
        IGradientEngine? gradients = null, string name = "overflow")
    {
        (_steps, Name) = (steps, name);
        if (program is null) return;
        foreach (MacLayer mac in program.Layers.OfType<MacLayer>())
        {
            AccumulatorProbe probe = AccumulatorProbe.Of(network, program, mac, gradients);
            if (probe.Reach > 1) _probes.Add(probe);
            else probe.Dispose();
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>
    /// Decisions only: gradients come from the probes, that is from knowing the design.
    /// </summary>
    public Knowledge Needs => Knowledge.Labels;

    /// <inheritdoc/>
    public int Steps => _steps;

    /// <inheritdoc/>
    public bool AttemptsDiffer => true;

    /// <inheritdoc/>
    /// <remarks>The probes.</remarks>
    public bool RunsAlone => true;

    /// <summary>The layers that it presses on.</summary>
    public IEnumerable<string> Layers => _probes.Select(p => p.Layer);

    /// <summary>One per layer that can overflow; one without effect where there is none.</summary>
    public int Attempts(int classes) => Math.Max(_probes.Count, 1);

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        if (_probes.Count == 0) return;
        AccumulatorProbe probe = _probes[run.Attempt];
        double step = 2.5 / _steps * run.Budget.Epsilon.Value;
        foreach (int slot in run.Active) RandomStart.Uniform(run, slot);
        var buffers = new Buffers(run.Count, run.ImageLength, probe.Model.Classes);
        for (int i = 0; i < _steps && run.Active.Count > 0; i++)
        {
            run.Query();
            int[] slots = [.. run.Active];
            if (slots.Length == 0) return;
            buffers.Differentiate(run, slots, probe, _loss);
            for (int j = 0; j < slots.Length; j++)
            {
                run.ChargeGradient(slots[j]);
                ReadOnlySpan<float> gradient = buffers.Gradients.AsSpan(
                    j * run.ImageLength, run.ImageLength);
                Ascent.Step(run.Budget.Norm, gradient, step, run.Current(slots[j]));
                run.Constrain(slots[j]);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _probes.ForEach(p => p.Dispose());

    private sealed class Buffers(int count, int length, int outputs)
    {
        private readonly float[] _images = new float[Sizes.Elements(count, length)];
        private readonly float[] _losses = new float[count];
        private readonly float[] _pressures = new float[Sizes.Elements(count, outputs)];

        public float[] Gradients { get; } = new float[Sizes.Elements(count, length)];

        public void Differentiate(
            AttackRun run, int[] slots, AccumulatorProbe probe, PressureLoss loss)
        {
            int n = slots.Length;
            for (int j = 0; j < n; j++) run.Current(slots[j]).CopyTo(_images.AsSpan(j * length));
            probe.Model.Gradients(
                _images.AsSpan(0, n * length), new int[n], loss, Gradients.AsSpan(0, n * length),
                _losses.AsSpan(0, n), _pressures.AsSpan(0, n * outputs));
        }
    }
}

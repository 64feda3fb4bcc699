using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;

namespace QSim.Attacks.Methods;

/// <summary>
/// Minimises <c>|x' - x|^2 + c * max(z_y - max over i != y of z_i + confidence, 0)</c> over <c>x' =
/// (tanh(w) + 1) / 2</c> with Adam, and searches for the smallest c that still fools (Carlini and
/// Wagner, S and P 2017). A search ends early, as in their code, where a tenth of its steps lowered
/// the loss by less than one part in 10,000. L2; looks for the smallest change.
/// </summary>
/// <param name="searchSteps">Values of c tried.</param>
/// <param name="steps">Adam steps for each.</param>
/// <param name="learningRate">Adam's step size.</param>
/// <param name="initialConstant">The first c.</param>
/// <param name="confidence">How far the wrong logit has to be ahead.</param>
/// <param name="name">Its name in results.</param>
internal sealed class CarliniWagner(
    int searchSteps = 9, int steps = 1000, float learningRate = 0.01f,
    double initialConstant = 1e-3, float confidence = 0, string name = "cw") : IAttack
{
    /// <summary>Keeps atanh finite at black and white pixels.</summary>
    private const double Shrink = 1 - 1e-6;

    /// <summary>What a tenth of the steps has to leave of the loss at most.</summary>
    private const double Enough = 0.9999;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <inheritdoc/>
    public bool IsMinimalNorm => true;

    /// <inheritdoc/>
    public bool IsDeterministic => true;

    /// <inheritdoc/>
    public string? WhyNot(Norm norm) => norm == Norm.L2 ? null : "only l2";

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        var loss = new HingeLoss(confidence);
        int[] slots = [.. run.Active];
        var searches = new Search?[run.Count];
        foreach (int slot in slots) searches[slot] = new(initialConstant);
        for (int search = 0; search < searchSteps; search++)
        {
            foreach (int slot in slots) searches[slot]!.Begin(run, slot);
            List<int> going = [.. slots];
            for (int step = 1; step <= steps && going.Count > 0; step++)
            {
                run.Gradients(loss, some: going);
                foreach (int slot in going)
                    searches[slot]!.Step(run, slot, step, learningRate);
                if (step % Math.Max(steps / 10, 1) == 0)
                    going.RemoveAll(slot => searches[slot]!.IsStuck());
            }

            run.Query();
            foreach (int slot in slots) searches[slot]!.Narrow(run, slot);
        }
    }

    private sealed class Search(double constant)
    {
        private double _constant = constant;
        private double _low;
        private double _high = double.PositiveInfinity;
        private bool _fooled;
        private double _loss;
        private double _lossAtCheck = double.PositiveInfinity;
        private double[] _w = [];
        private double[] _first = [];
        private double[] _second = [];

        public void Begin(AttackRun run, int slot)
        {
            ReadOnlySpan<float> original = run.Original(slot);
            (_w, _first, _second) = (
                new double[original.Length], new double[original.Length],
                new double[original.Length]);
            for (int i = 0; i < _w.Length; i++)
                _w[i] = Math.Atanh(((2.0 * original[i]) - 1) * Shrink);
            _fooled = false;
            _lossAtCheck = double.PositiveInfinity;
            Show(run, slot);
        }

        /// <summary>Whether the loss has hardly fallen since this was last asked.</summary>
        public bool IsStuck()
        {
            bool isStuck = _loss > Enough * _lossAtCheck;
            _lossAtCheck = _loss;
            return isStuck;
        }

        public void Step(AttackRun run, int slot, int step, float rate)
        {
            _fooled |= run.Decision(slot) != run.Label(slot);
            ReadOnlySpan<float> original = run.Original(slot),
                current = run.Current(slot),
                climb = run.Gradient(slot);
            _loss = -_constant * run.Loss(slot);
            double correction1 = 1 - Math.Pow(0.9, step), correction2 = 1 - Math.Pow(0.999, step);
            for (int i = 0; i < _w.Length; i++)
            {
                double t = Math.Tanh(_w[i]), change = (double)current[i] - original[i];
                double slope = (2 * change) - (_constant * climb[i]);
                _loss += change * change;
                double g = slope * 0.5 * (1 - (t * t));
                _first[i] = (0.9 * _first[i]) + (0.1 * g);
                _second[i] = (0.999 * _second[i]) + (0.001 * g * g);
                _w[i] -=
                    rate * (_first[i] / correction1) / (Math.Sqrt(_second[i] / correction2) + 1e-8);
            }

            Show(run, slot);
        }

        public void Narrow(AttackRun run, int slot)
        {
            _fooled |= run.Decision(slot) != run.Label(slot);
            if (_fooled) _high = Math.Min(_high, _constant);
            else _low = Math.Max(_low, _constant);
            _constant = double.IsFinite(_high) ? (_low + _high) / 2 : _constant * 10;
        }

        private void Show(AttackRun run, int slot)
        {
            Span<float> image = run.Current(slot);
            for (int i = 0; i < _w.Length; i++) image[i] = (float)((Math.Tanh(_w[i]) + 1) / 2);
        }
    }
}

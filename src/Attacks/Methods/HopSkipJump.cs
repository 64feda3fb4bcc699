using QSim.Attacks.Evaluation;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods;

/// <summary>
/// Walks along the decision boundary towards the image, seeing decisions only (Chen, Jordan and
/// Wainwright, S and P 2020); L2 and Linf. Looks for the smallest change.
/// </summary>
/// <param name="steps">Steps along the boundary.</param>
/// <param name="firstSamples">
/// Queries for the first estimate of the boundary's normal; they grow as sqrt(step).
/// </param>
/// <param name="starts">Uniform images tried to find a misclassified one.</param>
/// <param name="name">Its name in results.</param>
internal sealed class HopSkipJump(
    int steps = 64, int firstSamples = 100, int starts = 100, string name = "hopskipjump")
    : IAttack
{
    /// <summary>Most halvings of a step before the image stays where it is.</summary>
    private const int MostHalvings = 40;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Labels;

    /// <inheritdoc/>
    public bool IsMinimalNorm => true;

    /// <inheritdoc/>
    public string? WhyNot(Norm norm) => norm == Norm.L1 ? "only l2 and linf" : null;

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        var walk = new Walk(run);
        walk.Start(starts);
        walk.ToBoundary();
        for (int step = 1; step <= steps && run.Active.Count > 0; step++)
        {
            walk.EstimateNormal(step, (int)(firstSamples * Math.Sqrt(step)));
            walk.Advance(step);
            walk.ToBoundary();
        }
    }

    private sealed class Walk
    {
        private readonly AttackRun _run;
        private readonly int _length;
        private readonly float[] _outside;
        private readonly double[] _normals;
        private readonly KeyedRandom[] _random;
        private readonly bool _isL2;

        public Walk(AttackRun run)
        {
            (_run, _length, _isL2) = (run, run.ImageLength, run.Budget.Norm == Norm.L2);
            _outside = new float[Sizes.Elements(run.Count, _length)];
            _normals = new double[Sizes.Elements(run.Count, _length)];
            _random = new KeyedRandom[run.Count];
            foreach (int slot in run.Active)
                _random[slot] = run.Random(slot, RandomPurpose.AttackStep);
        }

        /// <summary>How close to the boundary a search gets, as a share of the way.</summary>
        private double Tolerance =>
            1.0 / (_isL2 ? _length * Math.Sqrt(_length) : (double)_length * _length);

        /// <summary>
        /// A misclassified image per slot; slots for which none is found are released.
        /// </summary>
        public void Start(int tries)
        {
            List<int> pending = [.. _run.Active];
            for (int i = 0; i < tries && pending.Count > 0; i++)
            {
                foreach (int slot in pending)
                    foreach (ref float pixel in _run.Current(slot))
                        pixel = _random[slot].NextFloat();
                _run.Query(pending);
                Settle(pending);
            }

            pending.ForEach(_run.Release);
        }

        /// <summary>
        /// Halves the way between image and misclassified image until the boundary is near.
        /// </summary>
        public void ToBoundary()
        {
            double[] low = new double[_run.Count], high = new double[_run.Count];
            foreach (int slot in _run.Active) high[slot] = 1;
            int halvings = (int)Math.Ceiling(Math.Log2(1 / Tolerance));
            float[] far = [.. _outside];
            for (int i = 0; i < halvings; i++)
            {
                foreach (int slot in _run.Active)
                    Blend(slot, far.AsSpan(slot * _length, _length), (low[slot] + high[slot]) / 2);
                _run.Query();
                foreach (int slot in _run.Active)
                {
                    double middle = (low[slot] + high[slot]) / 2;
                    if (!IsOutside(slot))
                    {
                        low[slot] = middle;
                        continue;
                    }

                    high[slot] = middle;
                    _run.Current(slot).CopyTo(_outside.AsSpan(slot * _length));
                }
            }
        }

        /// <summary>
        /// The boundary's normal, from decisions at random points about the image.
        /// </summary>
        public void EstimateNormal(int step, int samples)
        {
            double[] weighted = new double[_normals.Length], plain = new double[_normals.Length];
            int[] votes = new int[_run.Count];
            double[] noise = new double[_normals.Length];
            for (int i = 0; i < samples; i++)
            {
                foreach (int slot in _run.Active)
                    Perturb(slot, step, noise.AsSpan(slot * _length, _length));
                _run.Probe();
                foreach (int slot in _run.Active)
                {
                    int vote = IsOutside(slot) ? 1 : -1;
                    votes[slot] += vote;
                    for (int at = slot * _length; at < (slot + 1) * _length; at++)
                        (weighted[at], plain[at]) = (
                            weighted[at] + (vote * noise[at]), plain[at] + noise[at]);
                }
            }

            foreach (int slot in _run.Active)
            {
                // The mean vote is taken off as a baseline, but for votes that all agree.
                double baseline =
                    Math.Abs(votes[slot]) == samples ? 0 : (double)votes[slot] / samples;
                double sum = 0;
                for (int at = slot * _length; at < (slot + 1) * _length; at++)
                {
                    _normals[at] = weighted[at] - (baseline * plain[at]);
                    sum += _normals[at] * _normals[at];
                }

                for (int at = slot * _length; at < (slot + 1) * _length; at++)
                    _normals[at] = _isL2
                        ? _normals[at] / Math.Max(Math.Sqrt(sum), 1e-12)
                        : Ascent.Sign(_normals[at]);
            }
        }

        /// <summary>
        /// A step along the normal, halved until it ends at a misclassified image.
        /// </summary>
        public void Advance(int step)
        {
            List<int> pending = [.. _run.Active];
            double[] sizes = new double[_run.Count];
            foreach (int slot in pending) sizes[slot] = Distance(slot) / Math.Sqrt(step);
            for (int i = 0; i < MostHalvings && pending.Count > 0; i++)
            {
                foreach (int slot in pending)
                {
                    Span<float> image = _run.Current(slot);
                    for (int j = 0; j < _length; j++)
                        image[j] =
                            _outside[(slot * _length) + j]
                            + (float)(sizes[slot] * _normals[(slot * _length) + j]);
                    sizes[slot] /= 2;
                }

                _run.Query(pending);
                Settle(pending);
            }
        }

        private void Settle(List<int> pending)
        {
            foreach (int slot in pending.Where(IsOutside))
                _run.Current(slot).CopyTo(_outside.AsSpan(slot * _length));
            pending.RemoveAll(IsOutside);
        }

        private bool IsOutside(int slot) => _run.Decision(slot) != _run.Label(slot);

        private double Distance(int slot) =>
            _run.Budget.Distance(_run.Original(slot), _outside.AsSpan(slot * _length, _length));

        private void Blend(int slot, ReadOnlySpan<float> far, double share)
        {
            ReadOnlySpan<float> original = _run.Original(slot);
            Span<float> image = _run.Current(slot);
            double limit = share * _run.Budget.Distance(original, far);
            for (int i = 0; i < _length; i++)
            {
                double change = (double)far[i] - original[i];
                image[i] = (float)(
                    original[i] + (_isL2 ? share * change : Math.Clamp(change, -limit, limit)));
            }
        }

        private void Perturb(int slot, int step, Span<double> noise)
        {
            double delta =
                step == 1
                    ? 0.1
                    : (_isL2 ? Math.Sqrt(_length) : _length) * Tolerance * Distance(slot);
            delta = Math.Max(delta, 1e-6);
            double sum = 0;
            foreach (ref double value in noise)
            {
                value = _isL2 ? _random[slot].NextNormal() : _random[slot].NextFloat(-1, 1);
                sum += value * value;
            }

            Span<float> image = _run.Current(slot);
            double scale = delta / Math.Max(Math.Sqrt(sum), 1e-12);
            for (int i = 0; i < noise.Length; i++)
            {
                float centre = _outside[(slot * _length) + i];
                image[i] = Math.Clamp((float)(centre + (scale * noise[i])), 0, 1);
                noise[i] = (image[i] - centre) / delta;
            }
        }
    }
}

using QSim.Attacks.Gradients.Ilgpu.Steps;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// Which tensors share memory, which layers have to be computed, and who writes a gradient first
/// and last.
/// </summary>
internal sealed class DevicePlan
{
    private readonly DeviceStep[] _steps;
    private readonly bool[] _live;
    private readonly bool[] _runs;
    private readonly bool[] _needed;

    public DevicePlan(DeviceStep[] steps)
    {
        _steps = steps;
        _live = Live(steps);
        (_runs, _needed) = (new bool[steps.Length], new bool[steps.Length + 1]);
        Homes = new int[steps.Length + 1];
        foreach (DeviceStep step in steps)
        {
            step.IsInPlace = MayStay(step);
            Homes[step.Output] = step.IsInPlace ? Homes[step.Input] : step.Output;
        }

        PlanGradients();
        Choose([]);
    }

    /// <summary>In whose memory each tensor lies.</summary>
    public int[] Homes { get; }

    /// <summary>Whether a layer has to be computed.</summary>
    public bool Runs(int layer) => _runs[layer];

    /// <summary>Whether a layer's output reaches the logits.</summary>
    public bool IsLive(int layer) => _live[layer];

    /// <summary>Whether somebody reads a tensor's values.</summary>
    public bool IsNeeded(int tensor) => _needed[tensor];

    /// <summary>Decides which layers have to be computed where some tensors are given.</summary>
    public void Choose(IReadOnlyCollection<int> given)
    {
        Array.Clear(_needed);
        _needed[^1] = true;
        for (int i = _steps.Length - 1; i >= 0; i--)
        {
            DeviceStep step = _steps[i];
            _needed[step.Output] |= _live[i] && step.BackwardReadsOutput;
            _runs[i] = _live[i] && !given.Contains(step.Output) && _needed[step.Output];
            foreach (int input in step.Inputs)
                _needed[input] |= _runs[i] || (_live[i] && step.BackwardReadsInput);
        }

        foreach (ProductStep product in _steps.OfType<ProductStep>())
            (product.CutsNegatives, product.Pool, product.Spread) = (false, null, null);
        foreach (ReluStep relu in _steps.OfType<ReluStep>())
            if (relu.IsInPlace && _runs[relu.Index] && _runs[relu.Input - 1]
                && _steps[relu.Input - 1] is ProductStep product)
                (product.CutsNegatives, _runs[relu.Index]) = (true, false);
        foreach (MaxPoolStep pool in _steps.OfType<MaxPoolStep>()) Note(pool);
    }

    /// <summary>
    /// A pool that is computed notes what wins. A convolution of which nobody reads anything else
    /// does that as well where it is computed, and spreads the gradient in any case.
    /// </summary>
    private void Note(MaxPoolStep pool)
    {
        pool.IsNoted = pool.CanNote && _runs[pool.Index];
        (pool.IsTaken, pool.IsSpread) = (false, false);
        DeviceStep? producer = pool.Input > 0 ? _steps[pool.Input - 1] : null;
        if (producer is ReluStep { IsInPlace: true, IsMaskedByReader: true })
            producer = _steps[producer.Input - 1];
        if (!pool.CanNote || producer is not ProductStep convolution
            || _steps.Sum(s => s.Inputs.Count(t => t == pool.Input)) != 1) return;
        pool.IsTaken = pool.IsNoted && convolution.CanPool && _runs[convolution.Index];
        pool.IsSpread = convolution.CanSpread;
        if (pool.IsTaken) convolution.Pool = pool;
        if (pool.IsSpread) convolution.Spread = pool;
    }

    /// <summary>
    /// Gradients come from the last reader to the first: whoever is first stores, the others add,
    /// and the last masks what a ReLU done in place cut off.
    /// </summary>
    private void PlanGradients()
    {
        bool[] written = new bool[Homes.Length];
        var last = new Dictionary<int, (DeviceStep Step, int Input)>();
        foreach (DeviceStep step in _steps.Reverse().Where(s => _live[s.Index] && !s.IsInPlace))
            for (int j = 0; j < step.Inputs.Length; j++)
            {
                int home = Homes[step.Inputs[j]];
                step.Endings[j] = Ending.Plain with { Adds = written[home] ? 1 : 0 };
                written[home] = true;
                last[home] = (step, j);
            }

        foreach (ReluStep relu in _steps.OfType<ReluStep>().Where(s => s.IsInPlace))
        {
            relu.IsMaskedByReader = last.TryGetValue(
                Homes[relu.Output], out (DeviceStep Step, int Input) writer);
            if (relu.IsMaskedByReader)
                writer.Step.Endings[writer.Input] =
                    writer.Step.Endings[writer.Input] with { Masks = 1 };
        }
    }

    /// <summary>
    /// Whether nobody else needs the layer's input, neither to read nor to differentiate.
    /// </summary>
    private bool MayStay(DeviceStep step)
    {
        DeviceStep? producer = step.Input > 0 ? _steps[step.Input - 1] : null;
        bool isNeeded = producer?.BackwardReadsOutput == true
            || _steps.Sum(s => s.Inputs.Count(t => t == step.Input)) > 1;
        return !isNeeded && (step is FlattenStep
            || (step is ReluStep && producer is ProductStep or AddStep or BatchNormStep));
    }

    /// <summary>Layers whose output reaches the logits.</summary>
    private static bool[] Live(DeviceStep[] steps)
    {
        bool[] live = new bool[steps.Length];
        live[^1] = true;
        for (int i = steps.Length - 1; i >= 0; i--)
            foreach (int input in steps[i].Inputs)
                if (live[i] && input > 0) live[input - 1] = true;
        return live;
    }
}

using QSim.Certificates.Functions;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>A multiply-accumulate layer: accumulators in the order that it has.</summary>
internal sealed class MacBound : WindowBound
{
    private readonly MacLayer _mac;
    private readonly AccumulatorUnit _unit;
    private readonly ScalarFunction[] _functions;
    private readonly int[] _order;
    private readonly int[] _weights;
    private readonly bool _tracks;
    private readonly ExactSums? _exact;

    public MacBound(MacLayer layer)
        : base(layer, new(layer, AccumulatorUnit.Of(layer).Scale))
    {
        _mac = layer;
        _unit = AccumulatorUnit.Of(layer);
        _order = ReductionPlan.WeightIndices(layer);
        _weights = [.. Enumerable.Range(0, layer.Weights.Length)
            .Select(i => layer.Weights[(i / layer.Depth * layer.Depth) + _order[i % layer.Depth]])];
        ExactRange all = (layer.Facts.Chain.Product * layer.Depth) << _unit.PartialAlign;
        _exact = ExactSums.Of(layer, _weights, _unit.Scale);
        _tracks = (all + (layer.Facts.Chain.Register << _unit.AccumulatorAlign)).Bits <= 62;
        _functions = Functions(layer);
    }

    /// <inheritdoc/>
    public override Stage Forward(IReadOnlyList<TensorBox> inputs)
    {
        TensorShape to = _mac.Output.Shape;
        int groups = _mac.Geometry.Groups, filters = to.Channels / groups;
        var stage = new Stage(to.Length)
        {
            Function = output => _functions[output / to.Positions],
        };
        var window = new Interval[_mac.Depth];
        var places = new int[_mac.Depth];
        ExactSums.Window? exact = _exact is null ? null : new(_exact);
        for (int group = 0; group < groups; group++)
        {
            for (int position = 0; position < to.Positions; position++)
            {
                Gather(inputs[0], group, position, places, window);
                exact?.Take(places, window);
                for (int f = 0; f < filters; f++)
                {
                    int channel = (group * filters) + f;
                    int output = (channel * to.Positions) + position;
                    if (exact is not null && _exact!.Has(channel))
                        exact.Fill(stage, channel, output);
                    else
                        Fill(stage, channel, output, places, window);
                    AddOutput(stage, channel, output);
                }
            }
        }

        return stage;
    }

    /// <summary>
    /// What multipliers take, step by step, and where it is from; padding is from -1.
    /// </summary>
    private void Gather(
        TensorBox input, int group, int position, int[] places, Interval[] window)
    {
        int[] stored = Map.Places(group, position);
        int zero = _mac.Input.ZeroPoint, offset = _mac.Mac.InputOffset;
        for (int step = 0; step < places.Length; step++)
        {
            places[step] = stored[_order[step]];
            Interval x = places[step] < 0 ? new(zero, zero) : input[places[step]];
            window[step] = new(x.Low - offset, x.High - offset);
        }
    }

    private void Fill(Stage stage, int channel, int output, int[] places, Interval[] window)
    {
        ReadOnlySpan<int> weights = _weights.AsSpan(channel * window.Length, window.Length);
        long bias = _mac.Bias[channel];
        var sum = new Accumulation(_unit, _unit.StartsFromBias ? bias : 0, _tracks);
        bool isLoose = false, keeps = true;
        for (int step = 0; step < window.Length; step += _unit.Lanes)
        {
            Interval partial = default;
            int end = Math.Min(step + _unit.Lanes, window.Length);
            for (int i = step; i < end; i++)
            {
                int w = weights[i];
                Interval product = w >= 0
                    ? new(w * window[i].Low, w * window[i].High)
                    : new(w * window[i].High, w * window[i].Low);
                if (_unit.ConvertsProducts)
                {
                    keeps &= _unit.KeepsProduct(product);
                    product = _unit.Product(product, ref isLoose);
                }

                partial = new(partial.Low + product.Low, partial.High + product.High);
            }

            if (_unit.AtEnd) sum.AddAtEnd(partial, bias);
            else sum.Add(partial);
        }

        if (!_unit.StartsFromBias) sum.AddBias(bias);
        AccumulatorBounds bounds = sum.Result();
        stage.Argument[output] = bounds.Value;
        stage.IsLinked[output] = bounds.IsLinked && keeps;
        if (bounds.IsLoose) stage.AddLoose("accumulator");
        else if (isLoose) stage.AddLoose("product");
        if (stage.IsLinked[output]) Link(stage, output, bias, bounds, weights, (places, window));
    }

    private void AddOutput(Stage stage, int channel, int output)
    {
        bool isLoose = false;
        stage.Output[output] = _functions[channel].Range(stage.Argument[output], ref isLoose);
        if (isLoose) stage.AddLoose("output");
    }

    /// <summary>How the accumulator follows raw inputs.</summary>
    private void Link(
        Stage stage, int output, long bias, in AccumulatorBounds bounds,
        ReadOnlySpan<int> weights, (int[] Places, Interval[] Window) at)
    {
        double scale = _unit.Scale, slack = _unit.ProductSlack * weights.Length;
        long fixedPart = 0;
        double magnitude = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            (long low, long high) = (at.Window[i].Low, at.Window[i].High);
            fixedPart += weights[i] * (at.Places[i] < 0 ? low : -(long)_mac.Mac.InputOffset);
            long largest = Math.Max(Math.Abs(low), Math.Abs(high)) + Math.Abs(_mac.Mac.InputOffset);
            magnitude += Math.Abs((double)weights[i]) * largest;
        }

        stage.Constant[output] = bias + bounds.Turns + (scale * fixedPart);
        stage.Magnitude[output] = 2 * ((scale * magnitude) + Math.Abs((double)bias)
            + Math.Abs((double)bounds.Turns));
        stage.Down[output] = bounds.Down + slack;
        stage.Up[output] = bounds.Up + slack;
    }

    private ScalarFunction[] Functions(MacLayer layer)
    {
        var made = new Dictionary<Requantization, ScalarFunction>();
        foreach (Requantization spec in layer.Requantization)
        {
            if (made.ContainsKey(spec)) continue;
            var function = new RequantizeFunction(spec);
            made[spec] = _tracks && _unit.WrapsPlainly
                ? new WrappedFunction(function, _unit.Whole)
                : function;
        }

        return [.. layer.Requantization.Select(spec => made[spec])];
    }
}

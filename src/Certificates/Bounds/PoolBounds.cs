using QSim.Certificates.Functions;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>Average pooling: a sum, through a register where there is one, then its mean.</summary>
internal sealed class AverageBound : WindowBound
{
    private readonly AveragePoolLayer _pool;
    private readonly AccumulatorUnit _unit;
    private readonly MeanFunction[] _functions;

    public AverageBound(AveragePoolLayer layer)
        : base(layer, new(layer.Geometry, layer.Input.Shape, layer.Output.Shape))
    {
        _pool = layer;
        _unit = AccumulatorUnit.Of(layer.Unit);
        _functions = [.. Enumerable.Range(0, Map.Depth + 1)
            .Select(n => new MeanFunction(layer.Unit, n, layer.Output))];
    }

    /// <inheritdoc/>
    public override Stage Forward(IReadOnlyList<TensorBox> inputs)
    {
        TensorShape to = _pool.Output.Shape;
        var counts = new int[to.Length];
        var stage = new Stage(to.Length) { Function = output => _functions[counts[output]] };
        for (int output = 0; output < to.Length; output++)
        {
            int[] places = Map.Places(output / to.Positions, output % to.Positions);
            var sum = new Accumulation(_unit, 0, tracks: true);
            foreach (int place in places)
            {
                if (place < 0) continue;
                counts[output]++;
                Interval x = inputs[0][place];
                sum.Add(x);
                stage.Magnitude[output] += Math.Max(
                    Math.Abs((double)x.Low), Math.Abs((double)x.High));
            }

            AccumulatorBounds bounds = sum.Result();
            MeanFunction mean = _functions[counts[output]];
            bounds = bounds with
            {
                Value = new(bounds.Value.Low - mean.Slack, bounds.Value.High + mean.Slack),
                Down = bounds.Down + mean.Slack,
                Up = bounds.Up + mean.Slack,
            };
            stage.Argument[output] = bounds.Value;
            stage.IsLinked[output] = bounds.IsLinked;
            stage.Constant[output] = bounds.Turns;
            stage.Magnitude[output] += Math.Abs((double)bounds.Turns);
            (stage.Down[output], stage.Up[output]) = (bounds.Down, bounds.Up);
            if (bounds.IsLoose) stage.AddLoose("accumulator");
            bool isLoose = false;
            stage.Output[output] = mean.Range(bounds.Value, ref isLoose);
            if (mean.Slack > 0) stage.AddLoose("float32");
        }

        return stage;
    }
}

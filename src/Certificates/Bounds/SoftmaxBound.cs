using QSim.Certificates.Functions;
using QSim.Certificates.Linear;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>Softmax by tables: intervals from stage to stage, position by position.</summary>
internal sealed class SoftmaxBound : LayerBound
{
    private readonly SoftmaxLayer _layer;
    private readonly TableFunction _exponential;
    private readonly ConvertFunction? _difference;
    private readonly ConvertFunction _sum, _inverse, _product;
    private readonly RangeTable _reciprocals;

    public SoftmaxBound(SoftmaxLayer layer) : base(layer)
    {
        _layer = layer;
        if (layer.Divides)
        {
            // No bounds of quotients yet: whatever the format holds.
            _exponential = new(_ => 0, isMonotone: true, [0], new(0, 0));
            (_sum, _inverse, _product) = (new(default), new(default), new(layer.Product));
            _reciprocals = new([0]);
            return;
        }

        _difference = layer.Kind == SoftmaxKind.Stable ? new(layer.Difference) : null;
        var entry = new ConvertFunction(layer.Exponential);
        _exponential = new(
            Address, isMonotone: false, [.. layer.ExpTable.Select(e => entry.Apply(e))],
            new(long.MinValue, long.MaxValue));
        (_sum, _inverse) = (new(layer.Sum), new(layer.InverseInput));
        _product = new(layer.Product);
        _reciprocals = new([.. layer.InverseTable.Select(e => (long)e)]);
    }

    /// <inheritdoc/>
    public override int Fan => 0;

    /// <inheritdoc/>
    public override void PushBack(BackwardPass pass, double[] arguments, bool[] live)
    {
        // Its outputs follow no form: lines of them are flat, and nothing comes here.
    }

    /// <inheritdoc/>
    public override void PushForward(
        IReadOnlyList<double[]> inputs, double[] arguments, int rows) =>
        Array.Clear(arguments);

    /// <inheritdoc/>
    public override Stage Forward(IReadOnlyList<TensorBox> inputs)
    {
        TensorShape shape = _layer.Output.Shape;
        var stage = new Stage(shape.Length) { Function = _ => null };
        if (_layer.Divides)
        {
            for (int output = 0; output < shape.Length; output++)
            {
                stage.Argument[output] = inputs[0][output];
                stage.Output[output] = new(_layer.Output.MinRaw, _layer.Output.MaxRaw);
                stage.AddLoose("quotients");
            }

            return stage;
        }

        var x = new Interval[shape.Channels];
        for (int position = 0; position < shape.Positions; position++)
        {
            for (int c = 0; c < x.Length; c++)
                x[c] = inputs[0][(c * shape.Positions) + position];
            bool isLoose = false;
            Interval[] exponentials = Exponentials(x, ref isLoose);
            Interval inverse = Inverse(Sum(exponentials, ref isLoose), ref isLoose);
            for (int c = 0; c < x.Length; c++)
            {
                int output = (c * shape.Positions) + position;
                stage.Argument[output] = x[c];
                stage.Output[output] = _product.Range(
                    Product(exponentials[c], inverse), ref isLoose);
                if (isLoose) stage.AddLoose("tables");
            }
        }

        return stage;
    }

    private int Address(long x) => SoftmaxLayer.TopBits(
        _difference is null ? x : _difference.Apply(x), _layer.AddressBits,
        _layer.ExpTable.Length);

    /// <summary>
    /// Of each channel; what addresses a stable one's table is how far the largest of all, itself
    /// among them, lies above it.
    /// </summary>
    private Interval[] Exponentials(Interval[] x, ref bool isLoose)
    {
        var exponentials = new Interval[x.Length];
        for (int c = 0; c < x.Length; c++)
        {
            Interval argument = x[c];
            if (_difference is not null)
            {
                argument = new(0, 0);
                for (int other = 0; other < x.Length; other++)
                {
                    if (other == c) continue;
                    argument = new(
                        Math.Max(argument.Low, x[other].Low - x[c].High),
                        Math.Max(argument.High, x[other].High - x[c].Low));
                }
            }

            exponentials[c] = _exponential.Range(argument, ref isLoose);
        }

        return exponentials;
    }

    private Interval Sum(ReadOnlySpan<Interval> values, ref bool isLoose)
    {
        if (values.Length == 1) return values[0];
        int left = 1;
        while (left * 2 < values.Length) left *= 2;
        Interval a = Sum(values[..left], ref isLoose), b = Sum(values[left..], ref isLoose);
        return _sum.Range(new(a.Low + b.Low, a.High + b.High), ref isLoose);
    }

    private Interval Inverse(Interval sum, ref bool isLoose)
    {
        Interval address = _inverse.Range(sum, ref isLoose);
        int first = Entry(address.Low), last = Entry(address.High);
        // The pattern of a negative number addresses the upper half of the table.
        return (address.Low < 0) == (address.High < 0)
            ? _reciprocals.Of(first, last)
            : _reciprocals.Of(first, _layer.InverseTable.Length - 1)
                .Or(_reciprocals.Of(0, last));

        int Entry(long raw) => SoftmaxLayer.TopBits(
            raw, _layer.InverseInput.Bits, _layer.InverseTable.Length);
    }

    private static Interval Product(Interval a, Interval b)
    {
        Interval low = Interval.Between(a.Low * b.Low, a.Low * b.High);
        return low.Or(Interval.Between(a.High * b.Low, a.High * b.High));
    }
}

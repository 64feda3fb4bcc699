using QSim.Certificates.Functions;
using QSim.Certificates.Linear;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Bounds;

/// <summary>
/// Softmax: intervals from stage to stage, position by position. Of one that comes last the order
/// of its inputs decides (<see cref="Order"/>), and inputs have lines.
/// </summary>
internal sealed class SoftmaxBound : LayerBound
{
    private readonly SoftmaxLayer _layer;
    private readonly TableFunction _exponential;
    private readonly ConvertFunction? _difference;
    private readonly ConvertFunction _sum, _inverse, _product;
    private readonly RangeTable _reciprocals;
    private readonly Lazy<SoftmaxOrder?> _order;

    public SoftmaxBound(SoftmaxLayer layer) : base(layer)
    {
        _layer = layer;
        _order = new(() => SoftmaxOrder.Of(layer));
        if (layer.Divides)
        {
            _exponential = new(
                x => (int)x, isMonotone: true, [.. layer.ExpTable.Select(e => (long)e)]);
            (_sum, _inverse, _product) = (new(default), new(default), new(layer.Product));
            _reciprocals = new([0]);
            return;
        }

        _difference = layer.Kind == SoftmaxKind.Stable ? new(layer.Difference) : null;
        var entry = new ConvertFunction(layer.Exponential);
        _exponential = new(
            Address, isMonotone: false, [.. layer.ExpTable.Select(e => entry.Apply(e))]);
        (_sum, _inverse) = (new(layer.Sum), new(layer.InverseInput));
        _product = new(layer.Product);
        _reciprocals = new([.. layer.InverseTable.Select(e => (long)e)]);
    }

    /// <summary>
    /// What the order of inputs says of that of outputs; null where it says nothing.
    /// </summary>
    public SoftmaxOrder? Order => _order.Value;

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
        var x = new Interval[shape.Channels];
        for (int position = 0; position < shape.Positions; position++)
        {
            for (int c = 0; c < x.Length; c++)
                x[c] = inputs[0][(c * shape.Positions) + position];
            bool isLoose = false;
            Interval[] exponentials = Exponentials(x, ref isLoose);
            if (_layer.Divides)
            {
                Divide(stage, position, x, exponentials);
                continue;
            }

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

    /// <summary>
    /// By how much an input has to exceed another for its output to exceed the other's, when both
    /// are in a box; null where nobody knows.
    /// </summary>
    /// <param name="input">The box of inputs.</param>
    /// <param name="label">The input that is to be larger.</param>
    public long? StrictGap(TensorBox input, int label)
    {
        if (Order is null || _layer.Divides) return null;
        Interval[] x = [.. Enumerable.Range(0, input.Length).Select(c => input[c])];
        bool isLoose = false;
        Interval sum = Sum(Exponentials(x, ref isLoose), ref isLoose);
        Interval reciprocals = _inverse.Range(sum, ref isLoose);
        bool wraps = (reciprocals.Low < 0) != (reciprocals.High < 0);
        return wraps
            ? null
            : Order.StrictGap(
                Argument(x, label), _layer.InverseTable.AsSpan(
                    Entry(reciprocals.Low)..(Entry(reciprocals.High) + 1)));
    }

    /// <summary>
    /// A share rises with its own exponential, and falls with the sum of all; but for gemmlowp's
    /// reciprocals, of which nobody has proved it.
    /// </summary>
    private void Divide(Stage stage, int position, Interval[] x, Interval[] exponentials)
    {
        SoftmaxSum least = new(_layer.Kind, _layer.Factor), most = least;
        foreach (Interval e in exponentials)
            (least, most) = (least.Plus((int)e.Low), most.Plus((int)e.High));
        bool isKnown = _layer.Kind != SoftmaxKind.Gemmlowp
            && exponentials.Any(e => e.Low > 0);
        for (int c = 0; c < x.Length; c++)
        {
            int output = (c * _layer.Output.Shape.Positions) + position;
            bool isLoose = !isKnown;
            var events = ConversionEvents.None;
            int zero = _layer.Output.ZeroPoint;
            stage.Argument[output] = x[c];
            stage.Output[output] = isKnown
                ? _product.Range(
                    new(
                        most.Share((int)exponentials[c].Low, ref events) + zero,
                        least.Share((int)exponentials[c].High, ref events) + zero), ref isLoose)
                : new(_layer.Output.MinRaw, _layer.Output.MaxRaw);
            if (isLoose) stage.AddLoose("quotients");
        }
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
            exponentials[c] = _exponential.Range(Argument(x, c), ref isLoose);

        return exponentials;
    }

    private Interval Argument(Interval[] x, int channel)
    {
        if (_layer.Kind == SoftmaxKind.Latency) return x[channel];
        Interval argument = new(0, 0);
        for (int other = 0; other < x.Length; other++)
        {
            if (other == channel) continue;
            argument = new(
                Math.Max(argument.Low, x[other].Low - x[channel].High),
                Math.Max(argument.High, x[other].High - x[channel].Low));
        }

        return argument;
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
    }

    private int Entry(long raw) => SoftmaxLayer.TopBits(
        raw, _layer.InverseInput.Bits, _layer.InverseTable.Length);

    private static Interval Product(Interval a, Interval b)
    {
        Interval low = Interval.Between(a.Low * b.Low, a.Low * b.High);
        return low.Or(Interval.Between(a.High * b.Low, a.High * b.High));
    }
}

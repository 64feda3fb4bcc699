using System.Numerics;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// Convolutions and dense layers. The argument is the accumulator; of a register that wraps it is
/// the sum without limits, and wrapping is part of the function.
/// </summary>
internal sealed class CheckedMac : CheckedLayer
{
    private const int MostWeightBits = 40;
    private const int MostTurns = 4;

    private readonly MacLayer _mac;
    private readonly int[]?[] _windows;
    private readonly int[] _order;
    private readonly int _alignment;

    public CheckedMac(MacLayer layer) : base(layer)
    {
        _mac = layer;
        _windows = new int[layer.Output.Shape.Length][];
        _order = ReductionPlan.WeightIndices(layer);
        _alignment = layer.Mac.PartialAlign - layer.Mac.Update.Shift;
        WeightBits = BitOperations.Log2(
            (ulong)layer.Weights.Max(w => Math.Abs((long)w))) + 1 + Math.Max(0, _alignment);
    }

    /// <inheritdoc/>
    public override bool Joins => true;

    /// <inheritdoc/>
    public override string? WhyNot =>
        _mac.Mac.ProductStage != ProductStage.Exact
        || _mac.Mac.AccumulatorAlign != _mac.Mac.Update.Shift || _alignment < 0
            ? $"layer '{Layer.Name}' rounds before its accumulator is full"
            : WeightBits > MostWeightBits
            ? $"layer '{Layer.Name}' has weights of {WeightBits} bits (at most "
                + $"{MostWeightBits} are checked)"
            : null;

    /// <summary>Factors of values are smaller than 2 to the power of these.</summary>
    private int WeightBits { get; }

    /// <inheritdoc/>
    public override CheckedArgument Argument(int output, CheckedBoxes boxes)
    {
        (long[] low, long[] high) = (boxes.Low[_mac.Inputs[0]], boxes.High[_mac.Inputs[0]]);
        int[] window = Window(output);
        Int128 bias = _mac.Bias[output / _mac.Output.Shape.Positions];
        var register = new CheckedRegister(
            _mac.Mac.Update, _mac.Facts.StartsFromBias ? bias : 0);
        for (int first = 0; first < _order.Length; first += _mac.Facts.Lanes)
        {
            Int128 least = 0, most = 0;
            int end = Math.Min(first + _mac.Facts.Lanes, _order.Length);
            for (int step = first; step < end; step++)
            {
                int at = _order[step];
                long a = window[at] < 0 ? _mac.Input.ZeroPoint : low[window[at]],
                    b = window[at] < 0 ? _mac.Input.ZeroPoint : high[window[at]];
                Int128 one = Weight(output, at) * (a - (Int128)_mac.Mac.InputOffset),
                    two = Weight(output, at) * (b - (Int128)_mac.Mac.InputOffset);
                (least, most) = (least + Int128.Min(one, two), most + Int128.Max(one, two));
            }

            register.Add(least, most);
        }

        if (!_mac.Facts.StartsFromBias) register.Add(bias, bias);
        return register.Result() ?? throw new CheckException(
            $"layer '{Layer.Name}', output {output}: its accumulator may overflow");
    }

    /// <inheritdoc/>
    public override void Add(CheckedForm form, int output, Int128 multiple)
    {
        CheckedForm.Bounded(multiple, WeightBits);
        form.AddConstant(checked(multiple * Constant(output)), 0);
        int[] window = Window(output);
        Int128[] into = form.Of(_mac.Inputs[0]);
        for (int i = 0; i < window.Length; i++)
            if (window[i] >= 0) into[window[i]] += multiple * Weight(output, i);
    }

    /// <inheritdoc/>
    public override long Apply(int output, long argument) =>
        Apply(output, argument, out _);

    /// <inheritdoc/>
    public override IReadOnlyList<(long Low, long High)>? Pieces(int output, long low, long high)
    {
        List<(long Low, long High)> pieces = [];
        if (CheckedRegister.Wraps(_mac.Mac.Update))
        {
            Int128 turn = (Int128)1 << _mac.Mac.Update.Bits, least = _mac.Mac.Update.Min;
            Int128 end = low - Mod(low - least, turn) + turn;
            for (Int128 from = low; from <= high; (from, end) = (end, end + turn))
            {
                if (pieces.Count == MostTurns) return null;
                pieces.Add(((long)from, (long)Int128.Min(high, end - 1)));
            }
        }
        else
        {
            pieces.Add((low, high));
        }

        return pieces.Any(p => Overflows(output, p.Low) || Overflows(output, p.High))
            ? null
            : pieces;
    }

    /// <inheritdoc/>
    public override (long Low, long High) Whole(int output)
    {
        // Of a register that sums cannot leave, what they can be: the rest may be too wide for
        // the multiplier.
        ExactRange sums = _mac.Facts.Results[output / _mac.Output.Shape.Positions];
        long a = Apply(output, (long)sums.Low, out bool one),
            b = Apply(output, (long)sums.High, out bool two);
        return one || two ? base.Whole(output) : (Math.Min(a, b), Math.Max(a, b));
    }

    /// <inheritdoc/>
    public override bool Shares(int one, int other) =>
        _mac.Requantization[one / _mac.Output.Shape.Positions].Equals(
            _mac.Requantization[other / _mac.Output.Shape.Positions]);

    private static Int128 Mod(Int128 value, Int128 modulus) =>
        ((value % modulus) + modulus) % modulus;

    private long Apply(int output, long argument, out bool overflows)
    {
        if (CheckedRegister.Wraps(_mac.Mac.Update))
        {
            Int128 turn = (Int128)1 << _mac.Mac.Update.Bits, least = _mac.Mac.Update.Min;
            argument = (long)(least + Mod(argument - least, turn));
        }

        return CheckedRequantization.Apply(
            _mac.Requantization[output / _mac.Output.Shape.Positions], argument, out overflows);
    }

    private bool Overflows(int output, long argument)
    {
        Apply(output, argument, out bool overflows);
        return overflows;
    }

    /// <summary>
    /// Where the values of an output's window are, in the order in which weights are stored.
    /// </summary>
    private int[] Window(int output) => _windows[output] ??= CheckedWindow.Places(
        _mac.Geometry, _mac.Input.Shape, _mac.Output.Shape, output);

    /// <summary>The integer factor of one value of a window.</summary>
    private Int128 Weight(int output, int at) =>
        (Int128)_mac.Weights[(output / _mac.Output.Shape.Positions * _mac.Depth) + at]
            << _alignment;

    /// <summary>What is added to the form: bias, zero points, padding.</summary>
    private Int128 Constant(int output)
    {
        Int128 sum = _mac.Bias[output / _mac.Output.Shape.Positions];
        int[] window = Window(output);
        for (int i = 0; i < window.Length; i++)
        {
            long fixedPart = window[i] < 0 ? _mac.Input.ZeroPoint : 0;
            sum += Weight(output, i) * (fixedPart - (Int128)_mac.Mac.InputOffset);
        }

        return sum;
    }
}

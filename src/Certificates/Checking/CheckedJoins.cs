using System.Collections.Concurrent;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// Sums of tensors: what an operand is at the common scale lies between two lines of one slope,
/// whose distance is found by looking at every value.
/// </summary>
internal sealed class CheckedAdd(AddLayer add) : CheckedLayer(add)
{
    private const int SlopeBits = 30;
    private const long MostValues = 1 << 16;

    private readonly ConcurrentDictionary<(int Operand, long Low, long High), Operand> _known = [];

    /// <inheritdoc/>
    public override bool Joins => true;

    /// <inheritdoc/>
    public override bool IsFine => true;

    /// <inheritdoc/>
    public override CheckedArgument Argument(int output, CheckedBoxes boxes)
    {
        Int128 low = 0, high = 0;
        for (int i = 0; i < add.Operands.Length; i++)
        {
            Operand operand = Of(i, output, boxes);
            (low, high) = (low + operand.Least, high + operand.Most);
        }

        return new(low, high);
    }

    /// <inheritdoc/>
    public override void Add(CheckedForm form, int output, Int128 multiple)
    {
        for (int i = 0; i < add.Operands.Length; i++)
        {
            Operand operand = Of(i, output, form.Boxes);
            form.AddTerm(
                add.Inputs[i], output, checked(multiple * operand.Slope),
                SlopeBits + CheckedForm.FineBits);
            form.AddConstant(
                checked(multiple * (multiple > 0 ? operand.Above : operand.Below)),
                SlopeBits + CheckedForm.FineBits);
        }
    }

    /// <inheritdoc/>
    public override long Apply(int output, long argument) =>
        CheckedRequantization.Apply(add.Requantization, argument, out _);

    /// <inheritdoc/>
    public override IReadOnlyList<(long Low, long High)>? Pieces(int output, long low, long high) =>
        CheckedRequantization.Pieces(add.Requantization, low, high);

    private Operand Of(int operand, int output, CheckedBoxes boxes)
    {
        int tensor = Layer.Inputs[operand];
        return _known.GetOrAdd(
            (operand, boxes.Low[tensor][output], boxes.High[tensor][output]),
            key => Find(key.Operand, key.Low, key.High));
    }

    private Operand Find(int at, long low, long high)
    {
        InputScaling operand = add.Operands[at];
        if (operand is { Multiplier: 0, Real.IsUsed: 0 })
        {
            Int128 one = (low - (Int128)operand.ZeroPoint) * operand.Factor,
                two = (high - (Int128)operand.ZeroPoint) * operand.Factor,
                fixedPart = -(Int128)operand.ZeroPoint * operand.Factor << SlopeBits;
            return new(
                (Int128)operand.Factor << SlopeBits, fixedPart, fixedPart,
                Int128.Min(one, two), Int128.Max(one, two));
        }

        if (high - low >= MostValues)
            throw new CheckException($"layer '{Layer.Name}' has an operand that is too wide");
        Int128 first = Apply(operand, low), last = Apply(operand, high),
            slope = high == low ? 0 : ((last - first) << SlopeBits) / (high - low);
        Operand found = new(slope, Int128.MaxValue, Int128.MinValue, first, first);
        for (long raw = low; raw <= high; raw++)
        {
            Int128 value = Apply(operand, raw), offset = (value << SlopeBits) - (slope * raw);
            found = new(
                slope, Int128.Min(found.Below, offset), Int128.Max(found.Above, offset),
                Int128.Min(found.Least, value), Int128.Max(found.Most, value));
        }

        return found;
    }

    private static Int128 Apply(in InputScaling operand, long raw)
    {
        var events = ConversionEvents.None;
        return operand.Apply(raw, ref events);
    }

    /// <summary>
    /// <c>Slope * raw + Below .. Slope * raw + Above</c> in units of 2^-30, and the ends of values.
    /// </summary>
    private readonly record struct Operand(
        Int128 Slope, Int128 Below, Int128 Above, Int128 Least, Int128 Most);
}

/// <summary>
/// Products of two tensors. For u and v between their ends, <c>4 u v</c> is <c>2 s(u) v + 2 s(v) u
/// - s(u) s(v)</c>, give or take <c>d(u) d(v)</c>, with the sums s and the differences d of the
/// ends: the product of how far each is from its middle is no more.
/// </summary>
internal sealed class CheckedProduct(MultiplyLayer product) : CheckedLayer(product)
{
    /// <inheritdoc/>
    public override bool Joins => true;

    /// <inheritdoc/>
    public override bool IsFine => true;

    /// <inheritdoc/>
    public override CheckedArgument Argument(int output, CheckedBoxes boxes)
    {
        ((Int128 a, Int128 b), (Int128 c, Int128 d)) = Factors(output, boxes);
        return new(
            Int128.Min(Int128.Min(a * c, a * d), Int128.Min(b * c, b * d)),
            Int128.Max(Int128.Max(a * c, a * d), Int128.Max(b * c, b * d)));
    }

    /// <inheritdoc/>
    public override void Add(CheckedForm form, int output, Int128 multiple)
    {
        ((Int128 a, Int128 b), (Int128 c, Int128 d)) = Factors(output, form.Boxes);
        Int128 u = a + b, v = c + d;
        form.AddTerm(
            Layer.Inputs[0], output, checked(multiple * v), 1 + CheckedForm.FineBits);
        form.AddTerm(
            Layer.Inputs[1], output, checked(multiple * u), 1 + CheckedForm.FineBits);
        // The terms above are of raw values, which their zero points come off.
        Int128 fixedPart = -(2 * v * product.ZeroPoints.First)
            - (2 * u * product.ZeroPoints.Second) - (u * v);
        form.AddConstant(
            checked((multiple * fixedPart) + (Int128.Abs(multiple) * (b - a) * (d - c))),
            2 + CheckedForm.FineBits);
    }

    /// <inheritdoc/>
    public override long Apply(int output, long argument) =>
        CheckedRequantization.Apply(product.Requantization, argument, out _);

    /// <inheritdoc/>
    public override IReadOnlyList<(long Low, long High)>? Pieces(int output, long low, long high) =>
        CheckedRequantization.Pieces(product.Requantization, low, high);

    /// <summary>The ends of both factors, zero points taken off.</summary>
    private ((Int128, Int128) First, (Int128, Int128) Second) Factors(
        int output, CheckedBoxes boxes)
    {
        (int one, int two) = (Layer.Inputs[0], Layer.Inputs[1]);
        (Int128 first, Int128 second) = product.ZeroPoints;
        return (
            (boxes.Low[one][output] - first, boxes.High[one][output] - first),
            (boxes.Low[two][output] - second, boxes.High[two][output] - second));
    }
}

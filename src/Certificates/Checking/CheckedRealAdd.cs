using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// Sums of two tensors in float32. Below 2^21 a float32's last bit is an eighth at most: both
/// operations are off by half of it, and the rounding to an integer by a half, less than 1 in all.
/// </summary>
internal sealed class CheckedRealAdd : CheckedLayer
{
    private const int SlopeBits = 30;
    private const int MostBits = 21;
    private const int MostExponent = 30;

    private readonly AddLayer _add;
    private readonly Int128 _first, _second, _offset;

    /// <param name="layer">The layer.</param>
    /// <param name="inputs">Types of what it reads.</param>
    public CheckedRealAdd(AddLayer layer, TensorType[] inputs) : base(layer)
    {
        _add = layer;
        RealSum sum = layer.Real;
        if (new[] { sum.First, sum.Second, sum.Offset }.Any(n => n.Exponent > MostExponent))
        {
            WhyNot = $"layer '{Layer.Name}' has scales that are too large to be checked";
            return;
        }

        (_first, _second, _offset) = (Units(sum.First), Units(sum.Second), Units(sum.Offset));
        Int128 most = Int128.Abs(_offset) + 1
            + ((Int128.Abs(_first) + 1) * Largest(inputs[0].MinRaw, inputs[0].MaxRaw))
            + ((Int128.Abs(_second) + 1) * Largest(inputs[1].MinRaw, inputs[1].MaxRaw));
        if (most >> (SlopeBits + MostBits) != 0)
            WhyNot = $"layer '{Layer.Name}' adds up in float32 beyond where its rounding is known";
    }

    /// <inheritdoc/>
    public override bool Joins => true;

    /// <inheritdoc/>
    public override bool IsFine => true;

    /// <inheritdoc/>
    public override string? WhyNot { get; }

    /// <summary>Rounded or not, the sum rises, or falls, with each of both.</summary>
    public override CheckedArgument Argument(int output, CheckedBoxes boxes)
    {
        ((long a, long b), (long c, long d)) = Inputs(output, boxes);
        long[] corners = [Sum(a, c), Sum(a, d), Sum(b, c), Sum(b, d)];
        return new(corners.Min(), corners.Max());
    }

    /// <inheritdoc/>
    public override void Add(CheckedForm form, int output, Int128 multiple)
    {
        const int Bits = SlopeBits + CheckedForm.FineBits;
        ((long a, long b), (long c, long d)) = Inputs(output, form.Boxes);
        form.AddTerm(Layer.Inputs[0], output, checked(multiple * _first), Bits);
        form.AddTerm(Layer.Inputs[1], output, checked(multiple * _second), Bits);
        // Float32's own rounding, and what units leave of scales and offset.
        Int128 slack = ((Int128)1 << SlopeBits) + 1 + Largest(a, b) + Largest(c, d);
        form.AddConstant(checked((multiple * _offset) + (Int128.Abs(multiple) * slack)), Bits);
    }

    /// <inheritdoc/>
    public override long Apply(int output, long argument) =>
        CheckedRequantization.Apply(_add.Requantization, argument, out _);

    /// <inheritdoc/>
    public override IReadOnlyList<(long Low, long High)>? Pieces(int output, long low, long high) =>
        CheckedRequantization.Pieces(_add.Requantization, low, high);

    private static Int128 Largest(long a, long b) =>
        Int128.Max(Int128.Abs(a), Int128.Abs(b));

    /// <summary>A number in units of 2^-30, less than one off.</summary>
    private static Int128 Units(Binary32 number)
    {
        int shift = number.Exponent + SlopeBits;
        return shift >= 0
            ? (Int128)number.Significand << shift
            : (Int128)number.Significand >> Math.Min(-shift, 127);
    }

    private long Sum(long first, long second)
    {
        var events = ConversionEvents.None;
        return _add.Real.Of(first, second, ref events);
    }

    private ((long, long) First, (long, long) Second) Inputs(int output, CheckedBoxes boxes)
    {
        (int one, int two) = (Layer.Inputs[0], Layer.Inputs[1]);
        return (
            (boxes.Low[one][output], boxes.High[one][output]),
            (boxes.Low[two][output], boxes.High[two][output]));
    }
}

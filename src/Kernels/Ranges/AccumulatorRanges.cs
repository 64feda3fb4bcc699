using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Ranges;

/// <summary>
/// The exact interval of every partial sum of a layer, update by update, in the order and with the
/// lanes that the layer has, for any input within given intervals.
/// </summary>
/// <remarks>
/// Inputs of one output are independent, and products and roundings are monotone in each of them,
/// so the lowest sum after every update is that of the lowest products, rounded on the way as they
/// would be; likewise the highest. Nothing overflows on the way: the question is whether it would.
/// </remarks>
internal static class AccumulatorRanges
{
    /// <summary>One per output channel, for any input that the input's type can hold.</summary>
    public static ChannelRange[] Of(MacLayer layer) => Of(layer, InputIntervals.Any(layer.Input));

    /// <summary>One per output channel, for inputs within the given intervals.</summary>
    public static ChannelRange[] Of(MacLayer layer, InputIntervals inputs)
    {
        int[] order = ReductionPlan.WeightIndices(layer);
        return
        [
            .. Enumerable
                .Range(0, layer.Output.Shape.Channels)
                .Select(c => OfChannel(layer, inputs, order, c)),
        ];
    }

    private static ChannelRange OfChannel(
        MacLayer layer, InputIntervals inputs, int[] order, int channel)
    {
        MacSpec mac = layer.Mac;
        bool isBound = mac.Update.Rounding == RoundingMode.Stochastic || !SomeWindowIsInside(layer);
        List<ExactRange> sums = [];
        bool startsFromBias = layer.Facts.StartsFromBias;
        ExactRange accumulator = startsFromBias ? layer.Bias[channel] : 0;
        foreach (int[] group in order.Chunk(layer.Facts.Lanes))
        {
            ExactRange partial = 0;
            foreach (int weight in group)
            {
                ExactRange product = Product(layer, inputs, channel, weight, ref isBound);
                partial += product;
            }

            Add(partial << mac.PartialAlign);
        }

        if (!startsFromBias)
            Add((ExactRange)layer.Bias[channel] << mac.AccumulatorAlign);
        return Describe(layer, channel, sums, isBound);

        void Add(ExactRange aligned)
        {
            accumulator = RoundEnds((accumulator << mac.AccumulatorAlign) + aligned, mac.Update);
            sums.Add(accumulator);
        }
    }

    private static ChannelRange Describe(
        MacLayer layer, int channel, List<ExactRange> sums, bool isBound)
    {
        ConversionSpec update = layer.Mac.Update;
        int first = sums.FindIndex(s => s.Low < Overflow.LowestKept(update) || s.High > update.Max);
        int bits = sums.Max(s => update.IsSigned ? SignedBits(s, update) : UnsignedBits(s));
        // The accumulator starts from its bias, which has to fit as well.
        ExactRange start = layer.Mac.Bias == BiasPosition.First ? layer.Bias[channel] : 0;
        bits = Math.Max(bits, update.IsSigned ? SignedBits(start, update) : UnsignedBits(start));
        return new(sums, bits, L1Bits(layer, channel), first, isBound)
        {
            LacksSign = !update.IsSigned && (start.Low < 0 || sums.Any(s => s.Low < 0)),
        };
    }

    /// <summary>SAT_SYM moves the lowest value too, so it does not count as held.</summary>
    private static int SignedBits(ExactRange range, ConversionSpec update) =>
        update.Overflow == OverflowMode.SaturateSymmetric
            ? new ExactRange(
                BigInteger.Min(range.Low, -range.High), BigInteger.Max(range.High, -range.Low)).Bits
            : range.Bits;

    private static int UnsignedBits(ExactRange range) =>
        Math.Max(1, (int)BigInteger.Max(0, range.High).GetBitLength());

    private static int L1Bits(MacLayer layer, int channel)
    {
        BigInteger norm = 0;
        foreach (int weight in layer.Weights.AsSpan().Slice(channel * layer.Depth, layer.Depth))
            norm += Math.Abs((long)weight);
        BigInteger most = norm << (layer.Input.Bits - (layer.Input.IsSigned ? 1 : 0));
        return (int)most.GetBitLength() + 1;
    }

    /// <summary>
    /// One product over its input's interval, converted where the layer converts it.
    /// </summary>
    private static ExactRange Product(
        MacLayer layer, InputIntervals inputs, int channel, int weight, ref bool isBound)
    {
        MacSpec mac = layer.Mac;
        (long low, long high) = inputs[InputChannel(layer, channel, weight)];
        ExactRange x = new(low - mac.InputOffset, high - mac.InputOffset);
        ExactRange exact = x * layer.Weights[(channel * layer.Depth) + weight];
        if (mac.ProductStage == ProductStage.Exact) return exact;

        ConversionSpec to = mac.Product;
        isBound |= to.Rounding == RoundingMode.Stochastic;
        ExactRange rounded = RoundEnds(exact, to);
        if (rounded.Low >= Overflow.LowestKept(to) && rounded.High <= to.Max) return rounded;
        bool saturates = to.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric;
        isBound |= !saturates;
        return saturates
            ? new(
                BigInteger.Clamp(rounded.Low, Overflow.LowestKept(to), to.Max),
                BigInteger.Clamp(rounded.High, Overflow.LowestKept(to), to.Max))
            : ExactRange.Of(to);
    }

    /// <summary>
    /// Where every window hangs over the edge, padding, which is no input, is part of every sum.
    /// </summary>
    private static bool SomeWindowIsInside(MacLayer layer)
    {
        WindowGeometry window = layer.Geometry;
        TensorShape from = layer.Input.Shape,
            to = layer.Output.Shape;
        return Enumerable
                .Range(0, to.Rows)
                .Any(o =>
                    window.InputRow(o, 0) >= 0
                    && window.InputRow(o, window.KernelRows - 1) < from.Rows
                )
            && Enumerable
                .Range(0, to.Columns)
                .Any(o =>
                    window.InputColumn(o, 0) >= 0
                    && window.InputColumn(o, window.KernelColumns - 1) < from.Columns
                );
    }

    private static int InputChannel(MacLayer layer, int channel, int weight)
    {
        WindowGeometry window = layer.Geometry;
        int group = channel / (layer.Output.Shape.Channels / window.Groups);
        int perGroup = layer.Input.Shape.Channels / window.Groups;
        return (group * perGroup) + (weight / window.KernelColumns / window.KernelRows);
    }

    /// <summary>
    /// Both ends rounded as a value there would be; stochastic rounding may go either way.
    /// </summary>
    private static ExactRange RoundEnds(ExactRange range, in ConversionSpec spec)
    {
        if (spec.Shift <= 0) return range << -spec.Shift;
        return spec.Rounding == RoundingMode.Stochastic
            ? new(
                ShiftRight(range.Low, spec.Shift, RoundingMode.TowardNegative),
                ShiftRight(range.High, spec.Shift, RoundingMode.TowardPositive))
            : new(
                ShiftRight(range.Low, spec.Shift, spec.Rounding),
                ShiftRight(range.High, spec.Shift, spec.Rounding));
    }

    /// <summary>
    /// A program that fits in 64 bits keeps every sum there (ProgramLimits), but for sums without
    /// limits.
    /// </summary>
    private static BigInteger ShiftRight(BigInteger value, int shift, RoundingMode mode)
    {
        BigInteger floor = value >> shift;
        BigInteger rest = value - (floor << shift), half = BigInteger.One << (shift - 1);
        bool addsOne = Rounding.AddsOne(
            mode, value.Sign < 0, !floor.IsEven, rest >= half, !rest.IsZero && rest != half);
        return addsOne ? floor + 1 : floor;
    }
}

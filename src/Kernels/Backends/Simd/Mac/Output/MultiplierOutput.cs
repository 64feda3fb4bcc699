using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using QSim.Kernels.Backends.Simd.Mac.Events;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>
/// Requantization by multipliers whose intermediates fit 32 bits but for the product: the product's
/// rounded upper half, then a shift per channel, rounding half away from zero where the kind rounds
/// twice.
/// </summary>
/// <remarks>Needs lanes that VectorOutput made.</remarks>
internal sealed unsafe class MultiplierOutput : VectorOutput
{
    private readonly OutputConstants<int> _constants;
    private readonly AlignedMemory _even;
    private readonly AlignedMemory _odd;
    private readonly AlignedMemory _shifts;
    private readonly AlignedMemory _halves;
    private readonly bool _isDouble;
    private readonly Vector<int> _offset;

    public MultiplierOutput(
        MacShape shape, StepPlace place, Requantization[] channels, TileEvents events)
        : base(shape, place, events)
    {
        _isDouble = channels[0].Kind == RequantizationKind.MultiplierDouble;
        _constants = new([1], channels);
        _offset = new((int)place.Output.Offset);

        // Multipliers stand where the multiplication of every other lane looks for them.
        _even = OutputConstants<int>.Pack([.. channels.Select(c => (long)c.Multiplier)]);
        _odd = OutputConstants<int>.Pack([
            .. channels.Select(
                (_, i) => (long)channels[Math.Min(i + 1, channels.Length - 1)].Multiplier),
        ]);
        _shifts = OutputConstants<int>.Pack([.. channels.Select(c => (long)Shift(c))]);
        _halves = OutputConstants<int>.Pack([.. channels.Select(Half)]);
    }

    /// <summary>True when there are instructions for it and every intermediate fits.</summary>
    public static bool Supports(
        Requantization[] channels, OutputScaling scaling, ExactRange accumulators)
    {
        bool known = channels[0].Kind switch
        {
            RequantizationKind.MultiplierDouble => channels.All(c =>
                c.MultiplierShift is >= 0 and < 31
            ),
            RequantizationKind.MultiplierSingle => channels.All(c =>
                c.MultiplierShift is >= 32 and < 62
            ),
            RequantizationKind.Shift or RequantizationKind.Real or RequantizationKind.RealOnce =>
                false,
        };
        if (!known
            || !Avx2.IsSupported
            || Vector<int>.Count != Vector256<int>.Count
            || accumulators.Bits > 32)
            return false;
        if (!scaling.Fits(accumulators, channels, 64))
            return false;
        ExactRange upper =
            channels[0].Kind == RequantizationKind.MultiplierDouble
                ? scaling.First.Of(accumulators).Result
                : accumulators;
        ExactRange half = new(-1, (BigInteger.One << channels.Max(Shift)) + 1);
        ExactRange zero = new(channels.Min(c => c.ZeroPoint), channels.Max(c => c.ZeroPoint));
        return (upper + half).Bits <= 32 && (upper + zero + new ExactRange(-1, 1)).Bits <= 32;
    }

    protected override void Run(in OutputLanes lanes)
    {
        int channel = lanes.Channel, half = channel + Vector<int>.Count;
        Constants low = Of(channel), high = Of(half);
        Vector<int> offset = _offset;
        int fromStride = lanes.FromStride, toStride = lanes.ToStride, width = lanes.Width;
        bool hasHigh = lanes.HasHigh;
        int* end = lanes.End;
        short* to = lanes.To;
        for (int* from = lanes.From; from < end; from += fromStride, to += toStride)
        {
            Vector<int> a = Requantize(Vector256.Load(from), low) - offset;
            Vector<int> b = hasHigh
                ? Requantize(Vector256.Load(from + Vector<int>.Count), high) - offset
                : default;
            Store(Vector.Narrow(a, b), to, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<int> Requantize(Vector256<int> accumulators, in Constants with)
    {
        // One instruction multiplies every second lane into 64 bits: odd ones are moved there, and
        // their upper half then lies where the blend takes it from.
        Vector256<long> even = Avx2.Multiply(accumulators, with.Even);
        Vector256<long> odd = Avx2.Multiply((accumulators.AsInt64() >>> 32).AsInt32(), with.Odd);
        if (_isDouble) (even, odd) = (even + even, odd + odd);
        even = (even + with.RoundEven) >>> 32;
        odd += with.RoundOdd;
        Vector256<int> upper = Avx2.Blend(even.AsInt32(), odd.AsInt32(), 0xAA);
        if (_isDouble)
            upper += with.Halves + ((upper >> 31) & with.Ones);
        Vector<int> value =
            Avx2.ShiftRightArithmeticVariable(upper, with.Shifts).AsVector() + with.Zero;
        value = Vector.Min(Vector.Max(value, with.Lowest), with.Highest);
        return _constants.Wraps ? _constants.Wrap(value) : value;
    }

    private Constants Of(int channel)
    {
        Vector256<int> shifts = Vector256.Load((int*)_shifts.Start + channel);
        Vector256<int> halves = Vector256.Load((int*)_halves.Start + channel);
        Vector256<long> rounds = Vector256.Create(1L << 31), oddRounds = rounds;
        if (!_isDouble)
        {
            // 2^(t - 1), t being 32 more than the shift.
            (Vector256<long> first, Vector256<long> second) = Vector256.Widen(shifts);
            Vector256<long> one = Vector256.Create(1L << 31);
            Vector256<long> low = Avx2.ShiftLeftLogicalVariable(one, first.AsUInt64());
            Vector256<long> high = Avx2.ShiftLeftLogicalVariable(one, second.AsUInt64());
            rounds = Vector256.Create(low[0], low[2], high[0], high[2]);
            oddRounds = Vector256.Create(low[1], low[3], high[1], high[3]);
        }

        return new()
        {
            Even = Vector256.Load((int*)_even.Start + channel),
            Odd = Vector256.Load((int*)_odd.Start + channel),
            RoundEven = rounds,
            RoundOdd = oddRounds,
            Shifts = shifts.AsUInt32(),
            Halves = halves,

            // Ties go away from zero: one less for negative values, where anything is dropped.
            Ones = Vector256.GreaterThan(halves, Vector256<int>.Zero),
            Zero = _constants.ZeroPoint(channel),
            Lowest = _constants.Lowest(channel),
            Highest = _constants.Highest(channel),
        };
    }

    private static int Shift(Requantization channel) =>
        channel.Kind == RequantizationKind.MultiplierDouble
            ? channel.MultiplierShift
            : channel.MultiplierShift - 32;

    private static long Half(Requantization channel) =>
        channel.Kind == RequantizationKind.MultiplierDouble && channel.MultiplierShift > 0
            ? 1L << (channel.MultiplierShift - 1)
            : 0;

    /// <summary>What the loop over columns keeps in registers.</summary>
    private readonly struct Constants
    {
        public required Vector256<int> Even { get; init; }

        public required Vector256<int> Odd { get; init; }

        public required Vector256<long> RoundEven { get; init; }

        public required Vector256<long> RoundOdd { get; init; }

        public required Vector256<uint> Shifts { get; init; }

        public required Vector256<int> Halves { get; init; }

        public required Vector256<int> Ones { get; init; }

        public required Vector<int> Zero { get; init; }

        public required Vector<int> Lowest { get; init; }

        public required Vector<int> Highest { get; init; }
    }
}

using QSim.Kernels.Datapath;

namespace QSim.Certificates.Checking;

/// <summary>
/// A linear form on its way back to the input, in integers: coefficients in units of 2^-30, the
/// constant in units of 2^-46. What a rounding drops is added to the constant.
/// </summary>
/// <remarks>
/// Numbers come from a file: whatever leaves 128 bits is an exception, never a smaller bound. In
/// the innermost loop a bound on what goes in stands for the check of each sum: of at most 2^24
/// terms from each layer (<see cref="Sizes.MostValues"/>), each below 2^96.
/// </remarks>
internal sealed class CheckedForm(CheckedLayer[] layers, long[][] low, long[][] high)
{
    private const int SlopeBits = 30;
    private const int OffsetBits = 16;
    private const int MostTermBits = 96;
    private static readonly Int128 OffsetUnit = (Int128)1 << OffsetBits;

    private readonly Int128[]?[] _coefficients = new Int128[]?[layers.Length + 1];

    /// <summary>One, in units of coefficients.</summary>
    public static Int128 One => (Int128)1 << SlopeBits;

    /// <summary>The constant.</summary>
    public Int128 Constant { get; set; }

    /// <summary>Coefficients of a tensor.</summary>
    public Int128[] Of(int tensor) => _coefficients[tensor] ??= new Int128[low[tensor].Length];

    /// <summary>Adds a multiple of a layer's argument.</summary>
    public void AddArgument(int layer, int output, Int128 coefficient)
    {
        if (coefficient == 0) return;
        CheckedLayer from = layers[layer];
        Bounded(coefficient, from.WeightBits);
        Constant = checked(Constant + (coefficient * from.Constant(output) * OffsetUnit));
        int[] window = from.Window(output);
        Int128[] into = Of(from.Layer.Inputs[0]);
        for (int i = 0; i < window.Length; i++)
            if (window[i] >= 0) into[window[i]] += coefficient * from.Weight(output, i);
    }

    /// <summary>Adds a multiple of a limit's end, which is a whole number.</summary>
    public void AddLimit(Int128 multiple, long end) =>
        Constant = checked(Constant + (multiple * end * OffsetUnit));

    /// <summary>
    /// Substitutes from the last tensor with coefficients back to the input: the least whole number
    /// that the form is proved not to exceed.
    /// </summary>
    /// <param name="lines">As in a proof.</param>
    /// <param name="arguments">The arguments' ends, by layer.</param>
    /// <param name="extra">What is added to arguments' coefficients on the way.</param>
    public Int128 Bound(
        long[][] lines, (long[] Low, long[] High)[] arguments,
        IReadOnlyDictionary<(int Layer, int Output), Int128> extra)
    {
        foreach ((int layer, _) in extra.Keys) Of(layer + 1);
        for (int layer = layers.Length - 1; layer >= 0; layer--)
        {
            if (_coefficients[layer + 1] is not { } values) continue;
            for (int i = 0; i < values.Length; i++)
            {
                Int128 argument = values[i] == 0 ? 0
                    : layers[layer].IsMax ? Max(layer, i, values[i], lines[layer])
                    : layers[layer].Layer is ReshapeLayer ? values[i]
                    : Line(values[i], lines[layer].AsSpan(4 * i, 4), arguments[layer], i);
                AddArgument(
                    layer, i, checked(argument + extra.GetValueOrDefault((layer, i))));
            }
        }

        Int128 bound = Constant;
        Int128[] input = Of(0);
        for (int i = 0; i < input.Length; i++)
            bound = checked(
                bound + (input[i] * (input[i] > 0 ? high[0][i] : low[0][i]) * OffsetUnit));
        return bound >> (SlopeBits + OffsetBits);
    }

    private Int128 Line(
        Int128 value, ReadOnlySpan<long> line, (long[] Low, long[] High) argument, int i)
    {
        (long slope, long offset) = value > 0 ? (line[2], line[3]) : (line[0], line[1]);
        // The rest that is dropped is less than one unit and not negative.
        Constant = checked(
            Constant + (value * offset) + (Math.Max(0, argument.High[i]) * OffsetUnit));
        return checked(value * slope) >> SlopeBits;
    }

    /// <summary>Sees to it that a coefficient times a factor of so many bits is a term.</summary>
    private static void Bounded(Int128 coefficient, int bits)
    {
        if (Int128.Abs(coefficient) >> (MostTermBits - bits) != 0)
            throw new CheckException("coefficients that are too large to be checked");
    }

    /// <summary>
    /// From below the value that the proof names; from above slopes between 0 and 1 and the most by
    /// which any value exceeds them, others at their least.
    /// </summary>
    private Int128 Max(int layer, int output, Int128 value, long[] lines)
    {
        Bounded(value, bits: 0);
        CheckedLayer pool = layers[layer];
        int tensor = pool.Layer.Inputs[0];
        int[] window = pool.Window(output);
        int at = 0;
        for (int o = 0; o < output; o++) at += pool.Window(o).Length + 1;
        if (value < 0)
        {
            ref Int128 lowest = ref Of(tensor)[window[checked((int)lines[at + window.Length])]];
            lowest = checked(lowest + value);
            return 0;
        }

        Int128 least = 0, offset = Int128.MinValue;
        for (int i = 0; i < window.Length; i++)
            least = checked(least + ((Int128)lines[at + i] * low[tensor][window[i]]));
        for (int i = 0; i < window.Length; i++)
        {
            Int128 slope = lines[at + i];
            if (slope < 0 || slope > One)
                throw new CheckException("a slope that is not one of a max");
            offset = Int128.Max(offset, checked(
                ((One - slope) * high[tensor][window[i]])
                    - (least - (slope * low[tensor][window[i]]))));
        }

        for (int i = 0; i < window.Length; i++)
        {
            Int128 product = checked(value * lines[at + i]);
            ref Int128 into = ref Of(tensor)[window[i]];
            into = checked(into + (product >> SlopeBits));
            Constant = checked(
                Constant + (Math.Max(0, high[tensor][window[i]]) * OffsetUnit));
        }

        Constant = checked(Constant + (value * offset >> (SlopeBits - OffsetBits)) + 1);
        return 0;
    }
}

/// <summary>A proof that proves nothing; the message says where.</summary>
internal sealed class CheckException(string message) : Exception(message);

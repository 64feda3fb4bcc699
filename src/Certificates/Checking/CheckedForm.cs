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
internal sealed class CheckedForm(
    CheckedLayer[] layers, CheckedArguments[] arguments, CheckedBoxes boxes)
{
    /// <summary>Bits that multiples of arguments have beside those of coefficients.</summary>
    public const int FineBits = 30;

    private const int SlopeBits = 30;
    private const int OffsetBits = 16;
    private const int MostTermBits = 96;
    private static readonly Int128 OffsetUnit = (Int128)1 << OffsetBits,
        FineUnit = (Int128)1 << FineBits;

    private readonly Int128[]?[] _coefficients = new Int128[]?[layers.Length + 1];
    private Int128 _constant;

    /// <summary>One, in units of coefficients.</summary>
    public static Int128 One => (Int128)1 << SlopeBits;

    /// <summary>One, in units of multiples of arguments.</summary>
    public static Int128 FineOne => One << FineBits;

    /// <summary>Where tensors lie.</summary>
    public CheckedBoxes Boxes => boxes;

    /// <summary>Coefficients of a tensor.</summary>
    public Int128[] Of(int tensor) =>
        _coefficients[tensor] ??= new Int128[boxes.Low[tensor].Length];

    /// <summary>Sees to it that a coefficient times a factor of so many bits is a term.</summary>
    public static void Bounded(Int128 coefficient, int bits)
    {
        if (Int128.Abs(coefficient) >> (MostTermBits - bits) != 0)
            throw new CheckException("coefficients that are too large to be checked");
    }

    /// <summary>Adds a multiple of a layer's argument.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="output">Whose argument.</param>
    /// <param name="fine">The multiple, in units of 2^-60.</param>
    public void AddArgument(int layer, int output, Int128 fine)
    {
        if (fine == 0) return;
        CheckedArguments known = arguments[layer];
        AddConstant(
            checked(fine > 0 ? fine * known.Up[output] : -fine * known.Down[output]), FineBits);
        layers[layer].Add(
            this, output,
            layers[layer].IsFine ? fine : Floor(fine, FineBits, known.High[output]));
    }

    /// <summary>Adds a multiple of a value.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="place">Which of its values.</param>
    /// <param name="multiple">The multiple, in units of 2^-30 and so many more bits.</param>
    /// <param name="bits">How many more.</param>
    public void AddTerm(int tensor, int place, Int128 multiple, int bits)
    {
        Int128 coefficient = Floor(multiple, bits, boxes.High[tensor][place]);
        Bounded(coefficient, 0);
        ref Int128 into = ref Of(tensor)[place];
        into = checked(into + coefficient);
    }

    /// <summary>Adds a constant, in units of 2^-30 and so many more bits; rounded up.</summary>
    public void AddConstant(Int128 value, int bits)
    {
        if (value == 0) return;
        int drop = bits - OffsetBits;
        _constant = checked(
            _constant + (drop <= 0 ? value * ((Int128)1 << -drop) : (value >> drop) + 1));
    }

    /// <summary>
    /// Substitutes from the last tensor with coefficients back to the input: the least whole number
    /// that the form is proved not to exceed.
    /// </summary>
    /// <param name="lines">As in a proof.</param>
    /// <param name="extra">What is added to arguments' coefficients on the way.</param>
    public Int128 Bound(
        long[][] lines, IReadOnlyDictionary<(int Layer, int Output), Int128> extra)
    {
        foreach ((int layer, _) in extra.Keys) Of(layer + 1);
        for (int layer = layers.Length - 1; layer >= 0; layer--)
        {
            if (_coefficients[layer + 1] is not { } values) continue;
            for (int i = 0; i < values.Length; i++)
            {
                Int128 fine = checked(extra.GetValueOrDefault((layer, i)) * FineUnit);
                if (values[i] != 0)
                    fine = checked(fine + Argument(layer, i, values[i], lines[layer]));
                AddArgument(layer, i, fine);
            }
        }

        Int128 bound = _constant;
        Int128[] input = Of(0);
        for (int i = 0; i < input.Length; i++)
            bound = checked(bound
                + (input[i] * (input[i] > 0 ? boxes.High[0][i] : boxes.Low[0][i]) * OffsetUnit));
        return bound >> (SlopeBits + OffsetBits);
    }

    /// <summary>
    /// A multiple of a value becomes one of its argument, in units of 2^-60; of a maximum nothing
    /// is left to do.
    /// </summary>
    private Int128 Argument(int layer, int output, Int128 value, long[] lines)
    {
        if (layers[layer] is CheckedMax max)
        {
            AddMax(max, output, value, lines);
            return 0;
        }

        if (layers[layer].IsIdentity) return checked(value * FineUnit);
        ReadOnlySpan<long> line = lines.AsSpan(4 * output, 4);
        (long slope, long offset) = value > 0 ? (line[2], line[3]) : (line[0], line[1]);
        _constant = checked(_constant + (value * offset));
        return checked(value * slope);
    }

    /// <summary>
    /// A multiple without its last bits; what is dropped is less than a unit and not negative, and
    /// goes into the constant with the most that it may be a multiple of.
    /// </summary>
    private Int128 Floor(Int128 multiple, int bits, long most)
    {
        Int128 floor = multiple >> bits;
        if (floor << bits != multiple)
            _constant = checked(_constant + (Math.Max(0, most) * OffsetUnit));
        return floor;
    }

    /// <summary>
    /// From below the value that the proof names; from above slopes between 0 and 1 and the most by
    /// which any value exceeds them, others at their least.
    /// </summary>
    private void AddMax(CheckedMax pool, int output, Int128 value, long[] lines)
    {
        Bounded(value, bits: 0);
        int tensor = pool.Layer.Inputs[0];
        int[] window = pool.Window(output);
        (long[] low, long[] high) = (boxes.Low[tensor], boxes.High[tensor]);
        int at = pool.LinesBefore(output);
        if (value < 0)
        {
            AddTerm(tensor, window[checked((int)lines[at + window.Length])], value, 0);
            return;
        }

        Int128 least = 0, offset = Int128.MinValue;
        for (int i = 0; i < window.Length; i++)
            least = checked(least + ((Int128)lines[at + i] * low[window[i]]));
        for (int i = 0; i < window.Length; i++)
        {
            Int128 slope = lines[at + i];
            if (slope < 0 || slope > One)
                throw new CheckException("a slope that is not one of a max");
            offset = Int128.Max(offset, checked(
                ((One - slope) * high[window[i]]) - (least - (slope * low[window[i]]))));
        }

        for (int i = 0; i < window.Length; i++)
            AddTerm(tensor, window[i], checked(value * lines[at + i]), SlopeBits);
        AddConstant(checked(value * offset), SlopeBits);
    }
}

/// <summary>A proof that proves nothing; the message says where.</summary>
internal sealed class CheckException(string message) : Exception(message);

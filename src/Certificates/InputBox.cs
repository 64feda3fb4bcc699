using QSim.Certificates.Bounds;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Certificates;

/// <summary>
/// What a budget of real pixels allows: after the input stage, an interval of raw values for each.
/// </summary>
/// <param name="stage">The program's input stage; any rounding but stochastic.</param>
/// <param name="levels">
/// The largest value of an integer pixel, 255 for 8 bits: changed pixels are multiples of its
/// inverse. Null leaves them free.
/// </param>
internal sealed class InputBox(InputStage stage, int? levels = null)
{
    private readonly InputConverter _input = new(stage);

    /// <summary>
    /// The stage with room for every value, so that what overflows is seen to.
    /// </summary>
    private readonly InputConverter _wide = new(
        stage with
        {
            Type = stage.Type with { Bits = 32, IsSigned = true },
            Overflow = OverflowMode.Saturate,
            SaturationBits = 0,
        });

    /// <summary>
    /// The raw values of every image that differs from this one by at most epsilon in each pixel.
    /// </summary>
    /// <param name="image">Pixels in [0, 1].</param>
    /// <param name="epsilon">The most that a pixel may change.</param>
    public TensorBox Around(ReadOnlySpan<float> image, double epsilon)
    {
        var box = new TensorBox(image.Length);
        for (int i = 0; i < image.Length; i++)
        {
            (float low, float high) = Pixels(image[i], epsilon);
            box[i] = Raw(low, high, i);
        }

        return box;
    }

    /// <summary>
    /// What all images within a budget under L2 or L1 have in common beside <see cref="Around"/>.
    /// </summary>
    /// <param name="image">Pixels in [0, 1].</param>
    /// <param name="epsilon">The budget.</param>
    /// <param name="power">1 for L1, 2 for L2.</param>
    public InputBall Ball(ReadOnlySpan<float> image, double epsilon, int power)
    {
        double reach = InputBall.Widened(epsilon);
        TensorBox box = Around(image, reach);
        var up = new InputBall.Side[image.Length];
        var down = new InputBall.Side[image.Length];
        var centre = new long[image.Length];
        for (int i = 0; i < image.Length; i++)
        {
            float original = image[i];
            (float low, float high) = Pixels(original, reach);
            int at = i;
            centre[i] = _input.Quantize(original, i);
            bool rises = _wide.Quantize(low, i) <= _wide.Quantize(high, i);
            bool keepsOrder = Raw(low, high, i) == Interval.Between(
                _input.Quantize(low, i), _input.Quantize(high, i));
            up[i] = SideOf(box.High[i] - centre[i], 1);
            down[i] = SideOf(centre[i] - box.Low[i], -1);

            InputBall.Side SideOf(long most, int sign) => InputBall.Side.Of(
                most,
                steps => keepsOrder
                    ? Least(original, rises == sign > 0 ? high : low, at, centre[at], sign * steps)
                    : 0);
        }

        return new(power, epsilon, up, down, centre);
    }

    /// <summary>
    /// The least change of a pixel towards an end that moves its raw value by at least so much, by
    /// bisection; no grid makes it smaller.
    /// </summary>
    private double Least(float original, float end, int at, long raw, long change)
    {
        if (levels is { } n) return LeastOnGrid(original, end, at, raw + change, n, change > 0);
        int first = BitConverter.SingleToInt32Bits(original),
            last = BitConverter.SingleToInt32Bits(end);
        while (Math.Abs((long)last - first) > 1)
        {
            int middle = (int)(((long)first + last) / 2);
            long value = _input.Quantize(BitConverter.Int32BitsToSingle(middle), at);
            if (change > 0 ? value >= raw + change : value <= raw + change) last = middle;
            else first = middle;
        }

        return Math.Abs((double)BitConverter.Int32BitsToSingle(last) - original);
    }

    private double LeastOnGrid(
        float original, float end, int at, long wanted, int levels, bool isAbove)
    {
        int direction = end > original ? 1 : -1;
        double first = Math.Round(original * (double)levels) - direction;
        for (double level = first; ; level += direction)
        {
            float pixel = (float)(level / levels);
            bool isOut = direction > 0 ? pixel > end : pixel < end;
            if (isOut) return Math.Abs((double)end - original);
            if (direction > 0 ? pixel <= original : pixel >= original) continue;
            long value = _input.Quantize(pixel, at);
            if (isAbove ? value >= wanted : value <= wanted)
                return Math.Abs((double)pixel - original);
        }
    }

    /// <summary>The lowest and the highest value that a pixel may have.</summary>
    public (float Low, float High) Pixels(float original, double epsilon) => levels is { } n
        ? (OnGrid(original, epsilon, n, -1), OnGrid(original, epsilon, n, 1))
        : (Free(original, epsilon, -1), Free(original, epsilon, 1));

    /// <summary>
    /// An image in the budget whose raw values are those wanted, as far as pixels reach them.
    /// </summary>
    /// <param name="image">The original.</param>
    /// <param name="epsilon">The most that a pixel may change.</param>
    /// <param name="raw">Wanted raw values.</param>
    public float[] Realize(ReadOnlySpan<float> image, double epsilon, ReadOnlySpan<long> raw)
    {
        var pixels = image.ToArray();
        for (int i = 0; i < pixels.Length; i++)
            if (_input.Quantize(pixels[i], i) != raw[i])
                pixels[i] = Nearest(pixels[i], epsilon, raw[i], i);
        return pixels;
    }

    private Interval Raw(float low, float high, int at)
    {
        // Order is kept, or turned round by a negative normalisation, until something overflows.
        Interval raw = Interval.Between(_wide.Quantize(low, at), _wide.Quantize(high, at));
        ConversionSpec target = _input.Target;
        bool overflows = Overflow.Happens(raw.Low, target) || Overflow.Happens(raw.High, target);
        if (!overflows) return raw;
        return target.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric
            ? Interval.Between(_input.Quantize(low, at), _input.Quantize(high, at))
            : new(target.Min, target.Max);
    }

    /// <summary>The furthest float in [0, 1] that the budget allows in a direction.</summary>
    private static float Free(float original, double epsilon, int direction)
    {
        float pixel = (float)Math.Clamp(original + (direction * epsilon), 0, 1);
        while (!Allows(pixel, original, epsilon)) pixel = Step(pixel, -direction);
        for (float next = Step(pixel, direction);
            next is >= 0 and <= 1 && Allows(next, original, epsilon);
            next = Step(pixel, direction))
            pixel = next;
        return pixel;
    }

    private static float OnGrid(float original, double epsilon, int levels, int direction)
    {
        double level = Math.Round(
            Math.Clamp(original + (direction * epsilon), 0, 1) * levels) + direction;
        for (; ; level -= direction)
        {
            float pixel = (float)(level / levels);
            if (direction < 0 ? pixel >= original : pixel <= original) return original;
            if (pixel is >= 0 and <= 1 && Allows(pixel, original, epsilon)) return pixel;
        }
    }

    private static bool Allows(float pixel, float original, double epsilon) =>
        Math.Abs((double)pixel - original) <= epsilon;

    private static float Step(float pixel, int direction) =>
        direction < 0 ? MathF.BitDecrement(pixel) : MathF.BitIncrement(pixel);

    /// <summary>The pixel whose raw value comes nearest, by bisection between the ends.</summary>
    private float Nearest(float original, double epsilon, long raw, int at)
    {
        (float low, float high) = Pixels(original, epsilon);
        if (levels is { } n) return NearestOnGrid((low, high), raw, at, n, original);
        bool rises = _input.Quantize(low, at) <= _input.Quantize(high, at);
        int first = BitConverter.SingleToInt32Bits(low),
            last = BitConverter.SingleToInt32Bits(high);
        while (first < last)
        {
            int middle = first + ((last - first) / 2);
            long value = _input.Quantize(BitConverter.Int32BitsToSingle(middle), at);
            if (rises ? value >= raw : value <= raw) last = middle;
            else first = middle + 1;
        }

        return BitConverter.Int32BitsToSingle(first);
    }

    private float NearestOnGrid(
        (float Low, float High) ends, long raw, int at, int levels, float original)
    {
        float best = original;
        for (double level = Math.Round(ends.Low * (double)levels);
            level <= Math.Round(ends.High * (double)levels);
            level++)
        {
            float pixel = (float)(level / levels);
            if (pixel < ends.Low || pixel > ends.High) continue;
            if (Distance(pixel) < Distance(best)) best = pixel;
        }

        return best;

        long Distance(float pixel) => Math.Abs(_input.Quantize(pixel, at) - raw);
    }
}

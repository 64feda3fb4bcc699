using ILGPU;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>An image under attack. Blittable.</summary>
/// <param name="Label">What its loss is about.</param>
/// <param name="Class">The class last decided on.</param>
/// <param name="Questions">How often it was looked at.</param>
/// <param name="Zeros">How often its gradient was zero everywhere.</param>
/// <param name="Moves">1 until there is no more work to do on it.</param>
/// <param name="IsAsked">1 when it was looked at in this step.</param>
internal readonly record struct ClimbState(
    int Label, int Class, int Questions, int Zeros, int Moves, int IsAsked);

/// <summary>How a program takes pixels in. Blittable.</summary>
/// <param name="Scale">What a raw step stands for: levels of a byte, or the real scale.</param>
/// <param name="ZeroPoint">The raw value of 0.</param>
/// <param name="Rounding">Any mode but stochastic.</param>
/// <param name="Target">Range and overflow mode.</param>
/// <param name="IsBytes">1 where bytes go in.</param>
internal readonly record struct PixelFormat(
    double Scale, int ZeroPoint, RoundingMode Rounding, ConversionSpec Target, int IsBytes);

/// <summary>What an attack does between a network's backward and its next forward pass.</summary>
internal static class ClimbKernels
{
    /// <summary>Parts that an image's pixels are worked on in, by a thread each.</summary>
    public const int Parts = 16;

    private const int Lanes = ImageBlocks.Lanes;

    /// <summary>
    /// Cross-entropy's gradient, of logits divided by the gap between the two largest where it is
    /// rescaled and that is above 1; and the class of the largest logit, the first among equals. A
    /// thread is an image.
    /// </summary>
    /// <param name="image">Which.</param>
    /// <param name="logits">In blocks.</param>
    /// <param name="gradient">Filled, in blocks.</param>
    /// <param name="states">By image.</param>
    /// <param name="decisions">Filled, by image.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="rescales">1 when it is rescaled.</param>
    public static void CrossEntropy(
        Index1D image, ArrayView<float> logits, ArrayView<float> gradient,
        ArrayView<ClimbState> states, ArrayView<int> decisions, int classes, int rescales)
    {
        int first = SmoothKernels.First(image, classes), best = 0;
        float largest = logits[first], second = float.NegativeInfinity;
        for (int j = 1; j < classes; j++)
        {
            float z = logits[first + (j * Lanes)];
            if (z > largest)
            {
                second = largest;
                largest = z;
                best = j;
            }
            else if (z > second)
            {
                second = z;
            }
        }

        decisions[image] = best;
        int label = states[image].Label;
        float divisor = rescales == 1 ? IntrinsicMath.Max(1, largest - second) : 1;
        float sum = 0, others = 0;
        for (int j = 0; j < classes; j++)
        {
            float share = SmoothKernels.Exp(
                (logits[first + (j * Lanes)] / divisor) - (largest / divisor));
            gradient[first + (j * Lanes)] = share;
            sum += share;
            if (j != label) others += share;
        }

        for (int j = 0; j < classes; j++)
        {
            int at = first + (j * Lanes);
            gradient[at] = j == label ? -others / sum : gradient[at] / sum;
        }
    }

    /// <summary>
    /// The class that hardware decides on, by its integers; first among equals. A thread is an
    /// image.
    /// </summary>
    public static void Decide(
        Index1D image, ArrayView<int> raw, ArrayView<int> decisions, int classes, int isSigned)
    {
        int first = image * classes, best = 0;
        for (int j = 1; j < classes; j++)
            if (Raw.Load(raw[first + j], isSigned) > Raw.Load(raw[first + best], isSigned))
                best = j;
        decisions[image] = best;
    }

    /// <summary>Notes what was decided. A thread is an image.</summary>
    /// <param name="image">Which.</param>
    /// <param name="decisions">By image.</param>
    /// <param name="states">By image.</param>
    /// <param name="stops">1 when an image that fools is left alone from now on.</param>
    public static void Note(
        Index1D image, ArrayView<int> decisions, ArrayView<ClimbState> states, int stops)
    {
        ClimbState state = states[image];
        int decision = decisions[image];
        int moves = stops == 1 && decision != state.Label ? 0 : 1;
        states[image] = state.Moves == 0
            ? state with { IsAsked = 0 }
            : new(state.Label, decision, state.Questions + 1, state.Zeros, moves, 1);
    }

    /// <summary>
    /// The least and the largest value that an L-infinity budget lets a pixel have, to the bit as
    /// <see cref="Evaluation.PixelBounds"/>, and the image into them. A thread is a pixel.
    /// </summary>
    /// <param name="index">Of the pixel in the blocks.</param>
    /// <param name="images">Moved into the bounds; what is not a number to the original.</param>
    /// <param name="low">The original; the least value afterwards.</param>
    /// <param name="high">Filled with the largest.</param>
    /// <param name="epsilon">The budget.</param>
    public static void Bound(
        Index1D index, ArrayView<float> images, ArrayView<float> low, ArrayView<float> high,
        double epsilon)
    {
        float original = low[index], pixel = images[index];
        float least = Nearest(0, original, epsilon), largest = Nearest(1, original, epsilon);
        if (!(pixel <= float.PositiveInfinity)) pixel = original;
        images[index] = IntrinsicMath.Min(IntrinsicMath.Max(pixel, least), largest);
        low[index] = least;
        high[index] = largest;
    }

    /// <summary>
    /// A step of the gradient's sign, into the bounds. A thread is a part of an image's pixels.
    /// </summary>
    /// <param name="index">((block * parts) + part) * 32 + lane.</param>
    /// <param name="images">In blocks; moved where they still are to.</param>
    /// <param name="gradient">In blocks.</param>
    /// <param name="low">In blocks, the least value of each pixel.</param>
    /// <param name="high">In blocks, the largest.</param>
    /// <param name="states">By image.</param>
    /// <param name="slopes">By image and part, 1 where some gradient is not 0.</param>
    /// <param name="length">Pixels of an image.</param>
    /// <param name="step">How far.</param>
    public static void SignStep(
        Index1D index, ArrayView<float> images, ArrayView<float> gradient, ArrayView<float> low,
        ArrayView<float> high, ArrayView<ClimbState> states, ArrayView<int> slopes, int length,
        float step)
    {
        int lane = index % Lanes, part = index / Lanes % Parts, block = index / (Lanes * Parts);
        int image = (block * Lanes) + lane, isSloped = 0;
        bool moves = states[image].Moves == 1;
        for (int i = part; i < length; i += Parts)
        {
            int at = (((block * length) + i) * Lanes) + lane;
            float slope = gradient[at];
            if (!(slope == 0)) isSloped = 1;
            float pixel = images[at];
            if (slope > 0) pixel += step;
            if (slope < 0) pixel -= step;
            pixel = IntrinsicMath.Min(IntrinsicMath.Max(pixel, low[at]), high[at]);
            if (moves) images[at] = pixel;
        }

        slopes[(image * Parts) + part] = isSloped;
    }

    /// <summary>Counts gradients that are zero everywhere. A thread is an image.</summary>
    public static void CountZeros(
        Index1D image, ArrayView<int> slopes, ArrayView<ClimbState> states)
    {
        int isSloped = 0;
        for (int part = 0; part < Parts; part++) isSloped |= slopes[(image * Parts) + part];
        ClimbState state = states[image];
        if (state.IsAsked == 1 && isSloped == 0)
            states[image] = state with { Zeros = state.Zeros + 1 };
    }

    /// <summary>
    /// Images in blocks to a program's input, to the bit as the host does it. A thread is a pixel.
    /// </summary>
    /// <param name="index">Of the pixel in the blocks.</param>
    /// <param name="images">In blocks.</param>
    /// <param name="raw">Filled, [image][pixel].</param>
    /// <param name="format">The program's input stage.</param>
    /// <param name="length">Pixels of an image.</param>
    /// <param name="count">Images.</param>
    public static void Quantize(
        Index1D index, ArrayView<float> images, ArrayView<int> raw, PixelFormat format, int length,
        int count)
    {
        int image = ImageBlocks.Image(index, length);
        if (image >= count) return;
        float pixel = images[index];
        double value = format.IsBytes == 1 ? RealConversion.ByteLevel(pixel) : pixel;
        long rounded = RealConversion.Round(value / format.Scale, format.Rounding);
        var events = ConversionEvents.None;
        raw[(image * length) + ImageBlocks.Value(index, length)] = (int)Conversion.Convert(
            rounded + format.ZeroPoint, format.Target, ref events);
    }

    /// <summary>The value nearest to 0 or 1 within epsilon of the original.</summary>
    private static float Nearest(float end, float original, double epsilon)
    {
        double from = original, value = end;
        if (value < from - epsilon) value = from - epsilon;
        else if (value > from + epsilon) value = from + epsilon;
        float pixel = (float)value;

        // Rounding to float may have stepped over the bound; one step back is then within it.
        if (pixel - from > epsilon) pixel = -After(-pixel);
        else if (from - pixel > epsilon) pixel = After(pixel);
        return IntrinsicMath.Clamp(pixel, 0, 1);
    }

    /// <summary>The next larger number, of any but -0.</summary>
    private static float After(float value)
    {
        int bits = (int)Interop.FloatAsInt(value);
        return Interop.IntAsFloat((uint)(bits + ((bits >> 31) | 1)));
    }

    /// <summary>Raw values to real ones in blocks. A thread is a value.</summary>
    /// <param name="index">Of the value in the blocks.</param>
    /// <param name="raw">[image][value].</param>
    /// <param name="blocks">Filled.</param>
    /// <param name="type">Scale, zero point and sign.</param>
    /// <param name="length">Values of an image.</param>
    /// <param name="count">Images.</param>
    public static void Dequantize(
        Index1D index, ArrayView<int> raw, ArrayView<float> blocks, RealType type, int length,
        int count)
    {
        int image = ImageBlocks.Image(index, length);
        if (image >= count) return;
        int bits = raw[(image * length) + ImageBlocks.Value(index, length)];
        blocks[index] = (float)(type.Scale * (Raw.Load(bits, type.IsSigned) - type.ZeroPoint));
    }
}

/// <summary>What raw values stand for. Blittable.</summary>
/// <param name="Scale">Of a raw step.</param>
/// <param name="ZeroPoint">The raw value of 0.</param>
/// <param name="IsSigned">1 when raw values may be negative.</param>
internal readonly record struct RealType(double Scale, int ZeroPoint, int IsSigned);

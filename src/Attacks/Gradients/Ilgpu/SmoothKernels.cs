using ILGPU;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// Activations with an exponential in them. It is computed by a polynomial, so that every device
/// has the same and none needs 64 bits.
/// </summary>
internal static class SmoothKernels
{
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const float Least = -105;
    private const float Most = 88.7f;
    private const float SmallTanh = 0.3f;

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static void Sigmoid(Index1D index, ArrayView<float> from, ArrayView<float> to) =>
        to[index] = 1 / (1 + Exp(-from[index]));

    /// <summary>Its slope, y (1 - y).</summary>
    public static void SigmoidGradient(
        Index1D index, ArrayView<float> value, ArrayView<float> gradient, Target target,
        Ending ending) =>
        target.Store(index, value[index] * (1 - value[index]) * gradient[index], ending);

    /// <summary>Hyperbolic tangent.</summary>
    public static void Tanh(Index1D index, ArrayView<float> from, ArrayView<float> to) =>
        to[index] = TanhOf(from[index]);

    /// <summary>Its slope, 1 - y^2.</summary>
    public static void TanhGradient(
        Index1D index, ArrayView<float> value, ArrayView<float> gradient, Target target,
        Ending ending) =>
        target.Store(index, (1 - (value[index] * value[index])) * gradient[index], ending);

    /// <summary>Softmax over an image's features; a thread is an image.</summary>
    public static void Softmax(
        Index1D index, ArrayView<float> from, ArrayView<float> to, int features)
    {
        int first = First(index, features);
        float largest = from[first], sum = 0;
        for (int i = 1; i < features; i++)
            largest = IntrinsicMath.Max(largest, from[first + (i * ImageBlocks.Lanes)]);
        for (int i = 0; i < features; i++)
        {
            int at = first + (i * ImageBlocks.Lanes);
            float share = Exp(from[at] - largest);
            to[at] = share;
            sum += share;
        }

        for (int i = 0; i < features; i++) to[first + (i * ImageBlocks.Lanes)] /= sum;
    }

    /// <summary>y (dy - sum of y dy); a thread is an image.</summary>
    public static void SoftmaxGradient(
        Index1D index, ArrayView<float> value, ArrayView<float> gradient, Target target,
        int features, Ending ending)
    {
        int first = First(index, features);
        float mean = 0;
        for (int i = 0; i < features; i++)
        {
            int at = first + (i * ImageBlocks.Lanes);
            mean += value[at] * gradient[at];
        }

        for (int i = 0; i < features; i++)
        {
            int at = first + (i * ImageBlocks.Lanes);
            target.Store(at, value[at] * (gradient[at] - mean), ending);
        }
    }

    /// <summary>Where an image's features begin.</summary>
    public static int First(int image, int features) =>
        (image / ImageBlocks.Lanes * features * ImageBlocks.Lanes) + (image % ImageBlocks.Lanes);

    /// <summary>
    /// e^x to 2 parts in 10^7: 2^n times a polynomial in the rest, whose coefficients are those of
    /// Cephes (Moshier 1989). Denormal and then 0 as x falls, as it is on the host: a gradient that
    /// is 0 there is to be 0 here.
    /// </summary>
    public static float Exp(float x)
    {
        x = IntrinsicMath.Min(IntrinsicMath.Max(x, Least), Most);
        int n = (int)((x * Log2E) + (x < 0 ? -0.5f : 0.5f));
        float r = x - (n * Ln2High) - (n * Ln2Low);
        float p = 1.9875691500e-4f;
        p = (p * r) + 1.3981999507e-3f;
        p = (p * r) + 8.3334519073e-3f;
        p = (p * r) + 4.1665795894e-2f;
        p = (p * r) + 1.6666665459e-1f;
        p = (p * r) + 5.0000001201e-1f;
        int half = n / 2;
        return ((p * r * r) + r + 1) * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    private static float PowerOfTwo(int n) => Interop.IntAsFloat((uint)(n + 127) << 23);

    /// <summary>By exponentials, or near 0, where these cancel, by its series.</summary>
    private static float TanhOf(float x)
    {
        float size = x < 0 ? -x : x;
        if (size < SmallTanh)
        {
            float s = x * x;
            float p = (s * (62f / 2835)) - (17f / 315);
            p = (p * s) + (2f / 15);
            p = (p * s) - (1f / 3);
            return x + (x * s * p);
        }

        float e = Exp(-2 * size), y = (1 - e) / (1 + e);
        return x < 0 ? -y : y;
    }
}

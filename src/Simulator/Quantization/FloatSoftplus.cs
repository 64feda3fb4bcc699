using QSim.Kernels.Datapath;

namespace QSim.Simulator.Quantization;

/// <summary>
/// log(1 + exp(x)) as ONNX Runtime's Softplus computes it: in float32 by Eigen, which on x64 has no
/// fused multiply-adds there. The last three numbers of a tensor may be the C library's instead, a
/// last bit away.
/// </summary>
internal static class FloatSoftplus
{
    private const float Ln2 = 0.693147181f, RootOfHalf = 0.707106781f;

    // log(1 + t) = t (1 + t (1 + t P)) / (1 + t (Q1 + t (Q2 + t Q3))), t of -0.3 to 0.42.
    private const float P = 0.182562963f, Q1 = 1.5f, Q2 = 0.599232496f, Q3 = 0.0496162480f;

    /// <summary>The function of one number: of a positive one, x + log(1 + exp(-x)).</summary>
    public static float Value(float x) =>
        x > 0 ? x + LogOfOneMore(FloatExponential.Fast(-x))
            : LogOfOneMore(FloatExponential.Fast(x));

    /// <summary>log(1 + x), by how much 1 + x is rounded.</summary>
    private static float LogOfOneMore(float x)
    {
        float more = x + 1;
        return more == 1 ? x : x * (Log(more) / (more - 1));
    }

    /// <summary>Of a number from 1 to 2: of half of it, and ln 2.</summary>
    private static float Log(float value)
    {
        float exponent = value < 2 ? 1 : 2;
        float t = MathF.ScaleB(value, -(int)exponent);
        bool isSmall = t < RootOfHalf;
        if (isSmall) exponent--;
        t = (t - 1) + (isSmall ? t : 0);
        float p = t * ((t * ((t * P) + 1)) + 1);
        float q = (t * ((t * ((t * Q3) + Q2)) + Q1)) + 1;
        return (exponent * Ln2) + (p / q);
    }
}

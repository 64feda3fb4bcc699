using System.Numerics;
using System.Runtime.InteropServices;

namespace QSim.Attacks.Gradients.Training;

/// <summary>How parameters follow their gradients.</summary>
internal interface IOptimizer
{
    /// <summary>One step; <paramref name="gradients"/> are means over the batch.</summary>
    void Step(ReadOnlySpan<float> gradients, Span<float> parameters);
}

/// <summary>
/// Stochastic gradient descent with momentum, as PyTorch defines it: v = m v + g, p -= r v.
/// </summary>
/// <param name="learningRate">r.</param>
/// <param name="momentum">m; 0 for none.</param>
internal sealed class SgdOptimizer(float learningRate = 0.01f, float momentum = 0.9f) : IOptimizer
{
    private float[] _velocity = [];

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> gradients, Span<float> parameters)
    {
        if (_velocity.Length == 0) _velocity = new float[gradients.Length];
        for (int i = 0; i < gradients.Length; i++)
        {
            _velocity[i] = (momentum * _velocity[i]) + gradients[i];
            parameters[i] -= learningRate * _velocity[i];
        }
    }
}

/// <summary>Adam (Kingma and Ba 2015), with its paper's defaults.</summary>
/// <param name="learningRate">Step size.</param>
/// <param name="beta1">Decay of the first moment.</param>
/// <param name="beta2">Decay of the second moment.</param>
/// <param name="epsilon">Added to the root of the second moment.</param>
internal sealed class AdamOptimizer(
    float learningRate = 0.001f, float beta1 = 0.9f, float beta2 = 0.999f,
    float epsilon = 1e-8f) : IOptimizer
{
    private float[] _first = [];
    private float[] _second = [];
    private int _steps;

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> gradients, Span<float> parameters)
    {
        if (_steps++ == 0)
            (_first, _second) = (new float[gradients.Length], new float[gradients.Length]);
        float scale = learningRate / (float)(1 - Math.Pow(beta1, _steps));
        float rootCorrection = (float)Math.Sqrt(1 - Math.Pow(beta2, _steps));
        int whole = gradients.Length - (gradients.Length % Vector<float>.Count);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradients[..whole]);
        var m = MemoryMarshal.Cast<float, Vector<float>>(_first.AsSpan(0, whole));
        var v = MemoryMarshal.Cast<float, Vector<float>>(_second.AsSpan(0, whole));
        var p = MemoryMarshal.Cast<float, Vector<float>>(parameters[..whole]);
        for (int i = 0; i < g.Length; i++)
        {
            m[i] = (beta1 * m[i]) + ((1 - beta1) * g[i]);
            v[i] = (beta2 * v[i]) + ((1 - beta2) * g[i] * g[i]);
            p[i] -=
                scale
                * m[i]
                / ((Vector.SquareRoot(v[i]) / new Vector<float>(rootCorrection))
                    + new Vector<float>(epsilon));
        }

        for (int i = whole; i < gradients.Length; i++)
        {
            float gradient = gradients[i];
            _first[i] = (beta1 * _first[i]) + ((1 - beta1) * gradient);
            _second[i] = (beta2 * _second[i]) + ((1 - beta2) * gradient * gradient);
            parameters[i] -=
                scale * _first[i] / ((MathF.Sqrt(_second[i]) / rootCorrection) + epsilon);
        }
    }
}

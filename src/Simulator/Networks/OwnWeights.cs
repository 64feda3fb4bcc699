using System.Collections.Immutable;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks;

/// <summary>
/// Weights that were quantized before they got here: their integers, scales and bias are run as
/// they are.
/// </summary>
/// <param name="Real">The real weights that the layer had then; others have no integers.</param>
/// <param name="Raw">Raw weights, zero points subtracted, in the order of the layer's.</param>
/// <param name="Scales">One per output channel.</param>
/// <param name="Bits">Width of a raw weight; one more where a zero point was subtracted.</param>
/// <param name="IsSigned">Whether raw weights may be negative.</param>
/// <param name="Bias">
/// Raw biases in steps of the input's scale times the weights'; empty where biases are real.
/// </param>
internal sealed record OwnWeights(
    float[] Real, ImmutableArray<int> Raw, ImmutableArray<float> Scales, int Bits, bool IsSigned,
    ImmutableArray<long> Bias)
{
    /// <summary>
    /// The layer's requantization, where it was made before, too; null where the scales say it.
    /// </summary>
    public DeclaredRequantization? Declared { get; init; }

    /// <summary>Whether they are not of 8 bits.</summary>
    public bool IsOfOtherWidth => Bits is not (8 or 9);

    /// <summary>Whether a TensorFlow Lite model has them.</summary>
    public bool IsTflite { get; init; }

    /// <summary>
    /// Whether they meet integers with a scale of each image: what multiplies sums is then rounded
    /// to float32 by itself, and no other factor goes into their scales.
    /// </summary>
    public bool IsDynamic { get; init; }

    /// <summary>
    /// What the file says of one step of each bias; empty where it says nothing.
    /// </summary>
    public ImmutableArray<float> BiasSteps { get; init; } = [];

    /// <summary>
    /// Whether the file's biases have other steps than sums of an input of a step, further off than
    /// a hundredth and a millionth, as ONNX Runtime compares them: they are no integers of theirs.
    /// </summary>
    public bool HasOtherBias(float input)
    {
        const float Relative = 0.01f, Absolute = 1e-6f;
        for (int c = 0; c < Scales.Length && BiasSteps.Length > 0; c++)
        {
            float step = input * Scales[c];
            float off = MathF.Abs(BiasSteps[BiasSteps.Length == 1 ? 0 : c] - step);
            if (!(off <= Absolute + (Relative * step))) return true;
        }

        return false;
    }

    /// <summary>
    /// In which order the file's own tool computes the scale of a multiplier; null where the
    /// profile says it.
    /// </summary>
    public ScaleOrder? Order { get; init; }

    /// <summary>
    /// The same integers under scales that a factor per output channel changes, as a batch norm
    /// behind them does; a negative factor turns the signs of its channel's. Biases are real then.
    /// </summary>
    /// <param name="real">The real weights that come of it.</param>
    /// <param name="factors">One per output channel.</param>
    /// <returns>
    /// Null where a channel has no scale any more, or numbers of a file go with the scales.
    /// </returns>
    public OwnWeights? Scaled(float[] real, float[] factors)
    {
        // A factor of 0 leaves no weights, whatever their scale.
        ImmutableArray<float> scales =
            [.. Scales.Select((s, c) => factors[c] == 0 ? s : s * Math.Abs(factors[c]))];
        if (IsDynamic && factors.Any(f => f != 1)) return null;
        if (Declared is not null || IsTflite || scales.Any(s => !float.IsNormal(s))) return null;
        int depth = Raw.Length / factors.Length;
        ImmutableArray<int> raw =
            [.. Raw.Select((r, i) => factors[i / depth] == 0 ? 0
                : float.IsNegative(factors[i / depth]) ? -r : r)];
        bool turns = factors.Any(float.IsNegative);
        bool fits = raw.All(r => r <= (1L << (IsSigned ? Bits - 1 : Bits)) - 1
            && r >= (IsSigned ? -(1L << (Bits - 1)) : 0));
        return this with
        {
            Real = real,
            Raw = raw,
            Scales = scales,
            Bits = fits ? Bits : Bits + 1,
            IsSigned = IsSigned || (turns && !fits),
            Bias = [],
        };
    }

    /// <summary>Those of a layer, if it has the weights that they are of.</summary>
    public static OwnWeights? Of(FloatLayer layer)
    {
        OwnWeights? own = layer switch
        {
            Conv2dLayer conv => conv.Own,
            DenseLayer dense => dense.Own,
            _ => null,
        };
        return own is not null && own.Real.AsSpan().SequenceEqual(layer.Parameters[0])
            ? own
            : null;
    }
}

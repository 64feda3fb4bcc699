using System.Collections.Immutable;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary>
/// A register that wraps, smoothed: <c>y = x - P k</c> for the k that brings y into [-P/2, P/2],
/// and
/// around the jump, for a share of the period, the straight line that leads from one side to the
/// other. Its slope says which way the other side lies.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Periods">P per channel, in the tensor's units.</param>
internal sealed record WrapLayer(string Name, ImmutableArray<int> Inputs, float[] Periods)
    : FloatLayer(Name, Inputs)
{
    /// <summary>Share of the period that the jump is drawn out to.</summary>
    public const float Width = 0.1f;

    public override string Kind => "wrap";

    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0];

    /// <summary>Value and slope.</summary>
    public static (float Value, float Slope) At(float x, float period)
    {
        float wrapped = x - (period * MathF.Round(x / period));
        float edge = period * (1 - Width) / 2;
        if (MathF.Abs(wrapped) <= edge) return (wrapped, 1);

        // From the edge down to minus the edge over what is left of the period.
        const float Slope = 1 - (1 / Width);
        float beyond = MathF.Abs(wrapped) - edge;
        return (Ascent.Sign(wrapped) * (edge + (Slope * beyond)), Slope);
    }
}

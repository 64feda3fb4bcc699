using System.Collections.Immutable;

namespace QSim.Simulator.Networks;

/// <summary>
/// A layer that brings tensors together: hardware takes each to a common scale, and requantizes
/// what comes out.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">Two tensors or more.</param>
internal abstract record JoinLayer(string Name, ImmutableArray<int> Inputs)
    : FloatLayer(Name, Inputs)
{
    /// <summary>
    /// Whether ONNX Runtime has uint8 where the file has int8: float32 rounds otherwise of integers
    /// that are 128 more.
    /// </summary>
    public bool IsUnsigned { get; init; }

    /// <summary>What it makes of the tensors of one image.</summary>
    /// <param name="inputs">One array for each tensor that it reads.</param>
    /// <param name="output">Filled.</param>
    public abstract void Forward(IReadOnlyList<float[]> inputs, float[] output);
}

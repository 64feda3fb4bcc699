using System.Collections.Immutable;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks;

/// <summary>
/// Every value becomes the nearest one that a format holds; the gradient passes straight through
/// where the value lies in the format's range, and not elsewhere. Only in networks that are being
/// trained for hardware.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Quantizer">The format.</param>
internal sealed record FakeQuantizeLayer(
    string Name, ImmutableArray<int> Inputs, FakeQuantizer Quantizer) : FloatLayer(Name, Inputs)
{
    /// <summary>Where a file of ready-made integers says the format; null of graphs.</summary>
    public DeclaredFormat? Declared { get; init; }

    /// <inheritdoc/>
    public override string Kind => "fake_quantize";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0];
}

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

    /// <summary>
    /// The format that ONNX Runtime's default optimizations make of it, which profiles that compute
    /// as it does have in its place; null where they leave it.
    /// </summary>
    public FakeQuantizer? Optimized { get; init; }

    /// <summary>Which clamps ahead of it ONNX Runtime drops.</summary>
    public ClampRule Rule { get; init; }

    /// <summary>
    /// Whether ONNX Runtime quantizes apart from the layer that makes it: what moves values, and no
    /// pair is moved through, stands between.
    /// </summary>
    public bool IsApart { get; init; }

    /// <summary>Whether ONNX Runtime makes uint8 of its int8, 128 more.</summary>
    public bool IsUnsigned { get; init; }

    /// <inheritdoc/>
    public override string Kind => "fake_quantize";

    /// <inheritdoc/>
    public override TensorShape OutputShape(IReadOnlyList<TensorShape> inputs) => inputs[0];
}

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>What a name stands for in a dynamically quantized part of a graph.</summary>
internal enum DynamicKind
{
    /// <summary>Integers that a DynamicQuantizeLinear made.</summary>
    Integers,

    /// <summary>Their scale.</summary>
    Scale,

    /// <summary>Their zero point.</summary>
    ZeroPoint,

    /// <summary>The scale times those of weights, or times another.</summary>
    Product,

    /// <summary>Sums of the integers times weights.</summary>
    Sums,

    /// <summary>The same as float32 numbers.</summary>
    RealSums,
}

/// <summary>Something that has a meaning only together with a scale found in each image.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Source">The DynamicQuantizeLinear's output that it goes back to.</param>
/// <param name="Sums">The node that makes sums.</param>
/// <param name="Steps">The weights' scales.</param>
/// <param name="Other">
/// Of a product of two matrices that were both quantized in each image, where the second goes back
/// to.
/// </param>
internal sealed record DynamicValue(
    DynamicKind Kind, string Source, OnnxNode? Sums = null, OnnxTensor? Steps = null,
    string? Other = null);

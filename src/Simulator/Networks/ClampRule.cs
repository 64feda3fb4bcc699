namespace QSim.Simulator.Networks;

/// <summary>
/// Which clamps ahead of a quantizer ONNX Runtime drops, since it ends there itself: that depends
/// on how a file writes its scale and zero point.
/// </summary>
internal enum ClampRule
{
    /// <summary>
    /// Those whose bounds lie outside of its numbers (ClipQuantFusion), or of its integers once
    /// they are rounded (IsClipMadeRedundantByQ).
    /// </summary>
    Both,

    /// <summary>Those whose bounds lie outside of its numbers.</summary>
    Numbers,

    /// <summary>Those whose bounds lie outside of its integers once they are rounded.</summary>
    Integers,

    /// <summary>A Relu, where the zero point is the least integer (ReluQuantFusion).</summary>
    Relu,

    /// <summary>It computes every clamp, whatever its bounds.</summary>
    None,
}

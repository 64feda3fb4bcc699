namespace QSim.Simulator.Quantization;

/// <summary>What of hardware makes a quantizer's raw values of exact sums.</summary>
internal enum QuantizerUnit
{
    /// <summary>The profile's requantization, which rounds to the nearest value.</summary>
    Requantization,

    /// <summary>A shift that drops bits, rounded as the quantizer says (QONNX's Trunc).</summary>
    Shift,

    /// <summary>A comparison with 0: +1 for 0 and more, else -1 (QONNX's BipolarQuant).</summary>
    Sign,
}

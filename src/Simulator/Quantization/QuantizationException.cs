namespace QSim.Simulator.Quantization;

/// <summary>
/// The profile and the network do not go together. The message names the profile, the layer, the
/// dotted key and what would be legal.
/// </summary>
public sealed class QuantizationException(string message) : Exception(message);

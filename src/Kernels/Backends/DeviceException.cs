namespace QSim.Kernels.Backends;

/// <summary>A device ran out of memory or went away: an operating error, in one line.</summary>
/// <param name="message">Which device, and what to do about it.</param>
/// <param name="inner">What the driver said.</param>
internal sealed class DeviceException(string message, Exception inner) : Exception(message, inner);

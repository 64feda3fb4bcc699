namespace QSim.Runner.Studies.Certifying;

/// <summary>
/// An image is proved and broken under the same budget: one of the two is wrong, and no figure of
/// the study can be trusted.
/// </summary>
/// <param name="message">Which image, by whom.</param>
internal sealed class ContradictionException(string message) : Exception(message);

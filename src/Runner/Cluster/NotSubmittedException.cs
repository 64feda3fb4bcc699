namespace QSim.Runner.Cluster;

/// <summary>A scheduler took none of a run's tasks: nothing works on it.</summary>
/// <param name="message">What it said.</param>
internal sealed class NotSubmittedException(string message) : RequestException(message);

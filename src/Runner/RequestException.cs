using QSim.Simulator;

namespace QSim.Runner;

/// <summary>The user asked for something that cannot be done: one line, exit code 2.</summary>
/// <param name="message">
/// What was found and what is allowed; words of files are cut to what somebody reads.
/// </param>
internal class RequestException(string message) : Exception(Brief.Message(message));

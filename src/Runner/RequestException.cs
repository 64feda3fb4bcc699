using QSim.Simulator;

namespace QSim.Runner;

/// <summary>The user asked for something that cannot be done: one line, exit code 2.</summary>
/// <param name="message">
/// What was found and what is allowed; never longer than a line that somebody reads.
/// </param>
/// <param name="most">
/// The longest that it may get; more than a line's for advice that is QSim's own words.
/// </param>
internal sealed class RequestException(string message, int most = Brief.Most)
    : Exception(Brief.Message(message, most));

namespace QSim.Runner.CommandLine;

/// <summary>The user asked for something that cannot be done: one line, exit code 2.</summary>
/// <param name="message">What was found and what is allowed.</param>
public sealed class UsageException(string message) : Exception(message);

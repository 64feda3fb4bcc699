namespace QSim.Runner.CommandLine;

/// <summary>What the process tells its caller.</summary>
internal enum ExitCode
{
    Done = 0,

    /// <summary>Everything ran, and a gate that the user set failed.</summary>
    GateFailed = 1,

    /// <summary>The command line or an input file is wrong.</summary>
    UsageError = 2,

    /// <summary>A defect in QSim.</summary>
    InternalError = 3,

    /// <summary>Ctrl-C, or a request to terminate.</summary>
    Interrupted = 130,
}

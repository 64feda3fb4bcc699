using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>How far one image was searched that is neither proved nor broken.</summary>
internal sealed record UndecidedFile() : DecidedFile(UndecidedFile.SchemaName)
{
    /// <summary>The version of the format.</summary>
    public const string SchemaName = "qsim/undecided/1";

    /// <summary>The version of QSim: another may search better.</summary>
    public required string Version { get; init; }

    /// <summary>The most time that the search was given, seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>The most branches that it was given; null for any number.</summary>
    public required long? Nodes { get; init; }

    /// <summary>Whether its time was over before its branches were.</summary>
    public required bool IsOutOfTime { get; init; }

    /// <summary>The stage that was too loose.</summary>
    public required string? Blame { get; init; }

    /// <summary>Whether a search with such limits would come no further.</summary>
    /// <param name="seconds">The most time.</param>
    /// <param name="nodes">The most branches; null for any number.</param>
    public bool IsEnough(double seconds, long? nodes) => IsOutOfTime
        ? seconds <= Seconds
        : Nodes is null || nodes <= Nodes;

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">It is of another format.</exception>
    /// <exception cref="InputException">It cannot be read, or is none.</exception>
    public static UndecidedFile Read(string path) =>
        DecidedFiles.Read<UndecidedFile>(path, SchemaName);
}

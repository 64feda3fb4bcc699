using QSim.Attacks.Evaluation;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>How far one image was searched that is neither proved nor broken.</summary>
internal sealed record UndecidedFile
{
    /// <summary>The version of the format.</summary>
    public const string SchemaName = "qsim/undecided/1";

    /// <summary>The version of the format that it has.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>The version of QSim: another may search better.</summary>
    public required string Version { get; init; }

    /// <summary>The hardware.</summary>
    public required string Profile { get; init; }

    /// <summary>The program that it is of, by content.</summary>
    public required string ProgramSha256 { get; init; }

    /// <summary>Index of the test image.</summary>
    public required int Image { get; init; }

    /// <summary>The budget, under L-infinity.</summary>
    public required Epsilon Epsilon { get; init; }

    /// <summary>Pixels are multiples of its inverse; 0 where any value will do.</summary>
    public required int PixelLevels { get; init; }

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
        DecidedFiles.Read<UndecidedFile>(path, SchemaName, f => f.Schema);
}

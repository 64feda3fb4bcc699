using QSim.Attacks.Evaluation;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>What is written of one broken image.</summary>
internal sealed record CounterexampleFile
{
    /// <summary>The version of the format.</summary>
    public const string SchemaName = "qsim/counterexample/1";

    /// <summary>The version of the format that it has.</summary>
    public string Schema { get; init; } = SchemaName;

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

    /// <summary>
    /// An allowed image with another class: pixels in [0, 1], [channel, row, column].
    /// </summary>
    public required float[] Adversarial { get; init; }

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">It is of another format.</exception>
    /// <exception cref="InputException">It cannot be read, or is none.</exception>
    public static CounterexampleFile Read(string path) =>
        DecidedFiles.Read<CounterexampleFile>(path, SchemaName, f => f.Schema);
}

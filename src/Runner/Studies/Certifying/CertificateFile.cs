using QSim.Attacks.Evaluation;
using QSim.Certificates.Proofs;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>What is written of one proved image.</summary>
internal sealed record CertificateFile
{
    /// <summary>The version of the format.</summary>
    public const string SchemaName = "qsim/certificate/1";

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

    /// <summary>Why no allowed image changes the decision.</summary>
    public required Proof Proof { get; init; }

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">It is of another format.</exception>
    /// <exception cref="InputException">It cannot be read, or is not a certificate.</exception>
    public static CertificateFile Read(string path) =>
        DecidedFiles.Read<CertificateFile>(path, SchemaName, f => f.Schema);
}

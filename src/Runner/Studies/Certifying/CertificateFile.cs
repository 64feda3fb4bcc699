using QSim.Certificates.Proofs;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>What is written of one proved image.</summary>
internal sealed record CertificateFile() : DecidedFile(CertificateFile.SchemaName)
{
    /// <summary>The version of the format.</summary>
    public const string SchemaName = "qsim/certificate/1";

    /// <summary>Why no allowed image changes the decision.</summary>
    public required Proof Proof { get; init; }

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestException">It is of another format.</exception>
    /// <exception cref="InputException">It cannot be read, or is not a certificate.</exception>
    public static CertificateFile Read(string path) =>
        DecidedFiles.Read<CertificateFile>(path, SchemaName);
}

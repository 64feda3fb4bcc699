using System.Text;
using System.Text.Json;
using QSim.Attacks.Evaluation;
using QSim.Certificates.Proofs;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Saved;
using QSim.Simulator;
using QSim.Simulator.Files;

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
    public static CertificateFile Read(string path)
    {
        try
        {
            CertificateFile file = Json.Parse<CertificateFile>(InputFile.Read(path));
            return file.Schema == SchemaName
                ? file
                : throw new RequestException(
                    $"{path}: is of format '{file.Schema}' (supported: {SchemaName})");
        }
        catch (JsonException)
        {
            throw new InputException(
                InputError.InBinary(path, "is not a certificate, or is damaged"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(InputError.InBinary(path, e.Message.TrimEnd('.')));
        }
    }
}

/// <summary>
/// A folder of certificates, beside the study that they are of; several threads may use it.
/// </summary>
internal sealed class CertificateFolder
{
    private readonly string _path;
    private readonly SideFolder _folder;
    private readonly Lock _lock = new();

    private CertificateFolder(string path, SideFolder folder) => (_path, _folder) = (path, folder);

    /// <summary>Opens a folder, created by the first certificate where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="study">The study.</param>
    /// <exception cref="RequestException">
    /// It is a file, cannot be made, or holds another study's certificates.
    /// </exception>
    public static CertificateFolder Open(string folder, ResolvedStudy study) =>
        new(folder, SideFolder.Open(folder, "certificates", "--certificates", study));

    /// <summary>
    /// The certificate of an image under a budget; null where there is none that can be read.
    /// </summary>
    public CertificateFile? Find(string profile, Epsilon epsilon, int image)
    {
        string path = Path.Combine(_path, NameOf(profile, epsilon, image));
        try
        {
            return File.Exists(path) ? CertificateFile.Read(path) : null;
        }
        catch (Exception e) when (e is RequestException or InputException)
        {
            return null;
        }
    }

    /// <summary>Writes one.</summary>
    public void Write(CertificateFile file)
    {
        byte[] content = Encoding.UTF8.GetBytes(Json.LineOf(file) + "\n");
        lock (_lock) _folder.Write(NameOf(file.Profile, file.Epsilon, file.Image), content);
    }

    private static string NameOf(string profile, Epsilon epsilon, int image) =>
        Untrusted.FileName($"{profile}-{epsilon}-{image}.json");
}

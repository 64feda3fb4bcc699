using System.Text;
using QSim.Attacks.Evaluation;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Saved;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>
/// A folder of certificates, beside the study that they are of; several threads may use it.
/// </summary>
internal sealed class CertificateFolder
{
    private readonly string _path;
    private readonly SideFolder _folder;
    private readonly Lock _lock = new();

    private CertificateFolder(string path, SideFolder folder) => (_path, _folder) = (path, folder);

    /// <summary>The version of QSim: what another did not decide this one may.</summary>
    public required string Version { get; init; }

    /// <summary>Opens a folder, created by the first certificate where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="study">The study.</param>
    /// <param name="version">The version of QSim.</param>
    /// <exception cref="RequestException">
    /// It is a file, cannot be made, or holds another study's certificates.
    /// </exception>
    public static CertificateFolder Open(string folder, ResolvedStudy study, string version) =>
        new(folder, SideFolder.Open(folder, "certificates", "--certificates", study))
        {
            Version = version,
        };

    /// <summary>
    /// What is written of an image under a budget; null where there is nothing that can be read.
    /// </summary>
    /// <param name="image">The image's file.</param>
    /// <param name="end">One of the endings of <see cref="DecidedFiles"/>.</param>
    /// <param name="read">Reads it.</param>
    public T? Find<T>(ImageName image, string end, Func<string, T> read)
        where T : class
    {
        string path = Path.Combine(_path, image.With(end));
        try
        {
            return File.Exists(path) ? read(path) : null;
        }
        catch (Exception e) when (e is RequestException or InputException)
        {
            return null;
        }
    }

    /// <summary>Writes what was decided of an image, in place of what was not.</summary>
    /// <param name="image">The image's file.</param>
    /// <param name="end">One of the endings of <see cref="DecidedFiles"/>.</param>
    /// <param name="file">What is in it.</param>
    public void Write<T>(ImageName image, string end, T file)
    {
        byte[] content = Encoding.UTF8.GetBytes(Json.LineOf(file) + "\n");
        lock (_lock)
        {
            _folder.Write(image.With(end), content);
            if (end != DecidedFiles.Undecided) _folder.Delete(image.With(DecidedFiles.Undecided));
        }
    }
}

/// <summary>What files of an image are called.</summary>
/// <param name="Profile">The hardware.</param>
/// <param name="Epsilon">The budget.</param>
/// <param name="Image">Index of the test image.</param>
internal readonly record struct ImageName(string Profile, Epsilon Epsilon, int Image)
{
    /// <summary>With an ending.</summary>
    public string With(string end) => DecidedFiles.NameOf(Profile, Epsilon, Image, end);
}

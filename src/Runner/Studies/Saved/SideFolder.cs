using System.Text;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies.Saved;

/// <summary>
/// Folders that a user names for what a study leaves beside its run: images, certificates. Each
/// holds the study that filled it, and takes no other.
/// </summary>
internal static class SideFolder
{
    /// <summary>The study that filled the folder.</summary>
    public const string StudyFile = "study.json";

    /// <summary>Opens a folder, created where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="what">What it is to hold, in the plural.</param>
    /// <param name="option">The option that named it.</param>
    /// <param name="study">The study.</param>
    /// <exception cref="RequestException">
    /// It is a file, cannot be made, or holds what another study left.
    /// </exception>
    public static void Open(string folder, string what, string option, ResolvedStudy study)
    {
        if (folder.Trim().Length == 0)
            throw new RequestException($"{option} is empty: name a folder");
        if (File.Exists(folder))
            throw new RequestException($"{folder}: is a file where a folder is needed ({option})");
        string path = Path.Combine(folder, StudyFile);
        byte[] text = Encoding.UTF8.GetBytes(SealedJson.Of(study));
        if (OwnFile.Read(path) is { } found && !found.AsSpan().SequenceEqual(text))
            throw new RequestException(
                $"{folder}: holds the {what} of another study ({option} needs a folder of its "
                    + "own)");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (IOException)
        {
            throw new RequestException(
                $"{folder}: such a folder cannot be made; name another ({option})");
        }

        WholeFile.Replace(path, text);
    }
}

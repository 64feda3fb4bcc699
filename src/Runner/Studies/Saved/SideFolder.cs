using System.Text;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies.Saved;

/// <summary>
/// Folders that a user names for what a study leaves beside its run: images, certificates. Each
/// holds the study that filled it, from the first file on, and takes no other.
/// </summary>
internal sealed class SideFolder
{
    /// <summary>The study that filled the folder.</summary>
    public const string StudyFile = "study.json";

    private readonly string _folder;
    private Action? _begin;

    private SideFolder(string folder, Action begin) => (_folder, _begin) = (folder, begin);

    /// <summary>
    /// Opens a folder, created by the first file where there is none, and clears away what was
    /// being written there when a process was killed.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="what">What it is to hold, in the plural.</param>
    /// <param name="option">The option that named it.</param>
    /// <param name="study">The study.</param>
    /// <exception cref="RequestException">See <see cref="Check"/>.</exception>
    public static SideFolder Open(string folder, string what, string option, ResolvedStudy study)
    {
        Check(folder, what, option, study);
        Leftovers.Clear(folder);
        return new(folder, () =>
        {
            Check(folder, what, option, study);
            WholeFile.Replace(Path.Combine(folder, StudyFile), Text(study));
        });
    }

    /// <summary>Writes a file, and before the first one the study.</summary>
    /// <param name="name">Its name in the folder, or its path from there.</param>
    /// <param name="content">What is in it.</param>
    public void Write(string name, byte[] content)
    {
        _begin?.Invoke();
        _begin = null;
        WholeFile.Replace(Path.Combine(_folder, name), content);
    }

    /// <summary>Deletes a file that is there.</summary>
    /// <param name="name">Its name in the folder.</param>
    public void Delete(string name)
    {
        if (Directory.Exists(_folder)) File.Delete(Path.Combine(_folder, name));
    }

    /// <summary>
    /// Whether a folder can be opened, before anything is made for the run that will: nothing of
    /// it is left.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="what">What it is to hold, in the plural.</param>
    /// <param name="option">The option that named it.</param>
    /// <param name="study">The study.</param>
    /// <exception cref="RequestException">
    /// It is a file, cannot be made, or holds what another study left.
    /// </exception>
    public static void Check(string folder, string what, string option, ResolvedStudy study)
    {
        NewFolder.Check(folder, option);
        if (OwnFile.Read(Path.Combine(folder, StudyFile)) is { } found
            && !found.AsSpan().SequenceEqual(Text(study)))
            throw new RequestException(
                $"{folder}: holds the {what} of another study ({option} needs a folder of its "
                    + "own)");
    }

    private static byte[] Text(ResolvedStudy study) =>
        Encoding.UTF8.GetBytes(SealedJson.Of(study));
}

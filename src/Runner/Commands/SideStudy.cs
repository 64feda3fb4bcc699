using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Saved;

namespace QSim.Runner.Commands;

/// <summary>The study beside files that it left: images, certificates.</summary>
internal static class SideStudy
{
    /// <summary>The folder of a file; of a link, that of the file where it leads.</summary>
    public static string FolderOf(string path)
    {
        FileSystemInfo file = new FileInfo(path);
        if (file.LinkTarget is not null) file = file.ResolveLinkTarget(true) ?? file;
        return Path.GetDirectoryName(file.FullName)!;
    }

    /// <summary>
    /// What the study of a folder asks; where there is none, the quickstart, and a line that says
    /// so.
    /// </summary>
    public static StudySettings Read(string folder, Screen screen)
    {
        string study = Path.Combine(folder, SideFolder.StudyFile);
        if (File.Exists(study)) return StudyFile.Read(study).Settings;
        screen.Error(
            $"there is no {SideFolder.StudyFile} beside the file: the study is the quickstart, "
                + "but for what options say");
        return new();
    }
}

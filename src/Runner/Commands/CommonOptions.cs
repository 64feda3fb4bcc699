using System.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary>Where datasets are.</summary>
    public static Option<string?> DataFolder() =>
        new("--data-dir")
        {
            Description =
                $"Folder of datasets (default: {DataFolders.Variable}, ./data, your user data "
                    + "folder).",
            HelpName = "folder",
        };

    /// <summary>Where trained networks are.</summary>
    public static Option<string?> Cache() =>
        new("--cache")
        {
            Description =
                "Folder of trained networks: that of 'qsim run --cache', or cache/ of a run "
                    + "(default: train again).",
            HelpName = "folder",
        };

    /// <summary>
    /// What lies in such a folder, which may be one that can only be read; nothing is kept where
    /// none was named.
    /// </summary>
    /// <exception cref="RequestException">It is a file, or empty, or cannot be made.</exception>
    public static ContentCache OpenCache(string? folder)
    {
        if (folder is not null && !Directory.Exists(folder)) NewFolder.Check(folder, "--cache");
        return new(folder);
    }
}

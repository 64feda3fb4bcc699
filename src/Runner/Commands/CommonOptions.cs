using System.CommandLine;
using QSim.Runner.Data;

namespace QSim.Runner.Commands;

/// <summary>Options that several commands share.</summary>
public static class CommonOptions
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
                    + "(default: train anew).",
            HelpName = "folder",
        };
}

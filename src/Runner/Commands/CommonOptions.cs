using System.CommandLine;
using QSim.Runner.Data;

namespace QSim.Runner.Commands;

/// <summary>Options that several commands share.</summary>
public static class CommonOptions
{
    /// <summary>Where datasets are.</summary>
    public static Option<string?> DataFolder() => new("--data-dir")
    {
        Description = $"Folder of datasets (default: {DataFolders.Variable}, ./data, your user data folder).",
        HelpName = "folder",
    };
}

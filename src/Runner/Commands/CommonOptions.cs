using System.CommandLine;
using System.CommandLine.Parsing;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    private const int MostThreads = 1024;

    /// <summary>Where datasets are.</summary>
    public static Option<string?> DataFolder() =>
        new("--data-dir")
        {
            Description =
                $"Folder of datasets (default: {DataFolders.Variable}, ./data, your user data "
                    + "folder).",
            HelpName = "folder",
        };

    /// <summary>Says what an option of several commands does in this one.</summary>
    public static void Describe(Command command, string name, string description) =>
        command.Options.Single(o => o.Name == name).Description = description;

    /// <summary>How lists are typed, behind what one says.</summary>
    public const string AsList = " Repeat the option, or separate values by commas.";

    /// <summary>Which layer.</summary>
    public static Option<string?> Layer() =>
        new("--layer")
        {
            Description = "One layer (default: all of them).",
            HelpName = "name",
        };

    private const string QuietName = "--quiet";

    /// <summary>No progress; <see cref="Cli"/> sees to it for every command that has it.</summary>
    public static Option<bool> Quiet() => new(QuietName) { Description = "Show no progress." };

    /// <summary>Whether that was typed.</summary>
    public static bool IsQuiet(ParseResult parsed) =>
        parsed.GetResult(QuietName) is OptionResult typed && typed.GetValueOrDefault<bool>();

    /// <summary>Results for programs.</summary>
    public static Option<bool> Json() =>
        new("--json")
        {
            Description = "Print JSON instead of the tables.",
        };

    /// <summary>What runs hardware.</summary>
    public static Option<string?> Backend() =>
        new("--backend")
        {
            Description =
                "Backend (see 'qsim backends'), or auto, the default: for each profile the fastest "
                    + "that can run it. All give the same bits.",
            HelpName = "name",
        };

    /// <summary>What trains networks and leads attacks.</summary>
    public static Option<string?> Gradients() =>
        new("--gradients")
        {
            Description =
                "Gradient engine (see 'qsim backends'), or auto, the default: managed, which gives "
                    + "the same results on any number of threads, unless libtorch has a GPU.",
            HelpName = "name",
        };

    /// <summary>How many threads the gradient engine has.</summary>
    public static Option<int> Threads() =>
        new("--threads")
        {
            Description =
                "Maximum number of threads of the gradient engine; 0 is one per core. Results do "
                    + "not depend on it.",
            HelpName = "n",
        };

    /// <summary>A number of threads that was typed.</summary>
    /// <exception cref="RequestException">It is impossible.</exception>
    public static int Checked(int threads) =>
        threads is >= 0 and <= MostThreads
            ? threads
            : throw new RequestException($"--threads {threads} (supported: 0..{MostThreads})");

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

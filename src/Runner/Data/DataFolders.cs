using QSim.Runner.Output;

namespace QSim.Runner.Data;

/// <summary>Where datasets are looked for.</summary>
/// <param name="All">Folders, first match wins.</param>
internal sealed record DataFolders(IReadOnlyList<string> All)
{
    /// <summary>The environment variable that names a data folder.</summary>
    public const string Variable = "QSIM_DATA";

    /// <summary>
    /// The folder that the user named on the command line and no other; without one: QSIM_DATA,
    /// <c>data</c> in the current folder, and the user's own data folder.
    /// </summary>
    /// <exception cref="RequestException">The named folder does not exist.</exception>
    public static DataFolders Resolve(string? named)
    {
        if (named is not null)
        {
            FoundFolder.Check(named, "given by --data-dir");
            return new([named]);
        }

        string? variable = Environment.GetEnvironmentVariable(Variable);
        string user = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        IEnumerable<string?> folders =
            [variable, "data", user.Length > 0 ? Path.Combine(user, "qsim", "data") : null];
        return new([.. folders.OfType<string>().Where(f => f.Length > 0)]);
    }

    /// <summary>Every folder with every subfolder, in order.</summary>
    public IEnumerable<string> Candidates(IEnumerable<string> subfolders) =>
        All.SelectMany(_ => subfolders, Path.Combine);
}

using QSim.Runner.Commands;
using QSim.Runner.Data;
using QSim.Runner.Search;
using QSim.Runner.Studies;

namespace QSim.Fuzz;

/// <summary>Searches that a mutant writes down.</summary>
internal static class Searched
{
    private const string Folder = "found";

    /// <summary>Reads and checks everything, says what it would do, and seldom does it.</summary>
    public static Outcome Run(string file, int mutant)
    {
        StudyFile written = StudyFile.Read(file);
        var asked = new SearchInputs(
            Smaller(written.Settings),
            settings => StudyInputs.Read(
                settings, new DataFolders(["."]), "reference", "managed") with
            {
                File = written,
            });
        bool isRun = mutant % RunFolder.EveryRun == 0;
        try
        {
            var session = new SearchSession(
                new(TextWriter.Null, TextWriter.Null, false, false, false) { IsQuiet = true },
                asked,
                new()
                {
                    CommandLine = ["search", file],
                    OutputFolder = Folder,
                    Threads = 1,
                    IsDryRun = !isRun,
                });
            session.Run(CancellationToken.None);
        }
        finally
        {
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        }

        return isRun ? Outcome.Executed : Outcome.Read;
    }

    /// <summary>A mutant that asks for a long search would be slow, not wrong.</summary>
    private static StudySettings Smaller(StudySettings asked) => asked with
    {
        Images = Math.Min(asked.Images, 2),
        Attacks = [.. asked.Attacks.Take(2)],
        Search = asked.Search is { } search
            ? search with { Evaluations = Math.Min(search.Evaluations, 6) }
            : null,
    };
}

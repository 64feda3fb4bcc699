using System.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;

namespace QSim.Runner.Commands;

/// <summary><c>qsim data</c>: the datasets that QSim knows, and where they were found.</summary>
public static class DataCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        Option<string?> folder = CommonOptions.DataFolder();
        var command = new Command("data", "List known datasets and where they were found.") { folder };
        command.SetAction(parsed => List(screen, DataFolders.Resolve(parsed.GetValue(folder))));
        return command;
    }

    private static void List(Screen screen, DataFolders folders)
    {
        string?[] places = [.. DatasetList.All.Select(s => s.Locate(folders))];
        new TextTable(
            ["dataset", "found", "what it is"],
            [.. DatasetList.All.Zip(places, (s, p) => new[] { s.Name, p ?? "no", s.Description })])
            .Write(screen);
        foreach ((IDatasetSource source, string? place) in DatasetList.All.Zip(places))
            if (place is null) screen.Line($"{source.Name}: {source.HowToGet}");
    }
}

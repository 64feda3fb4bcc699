using System.CommandLine;
using System.Globalization;
using QSim.Certificates;
using QSim.Certificates.Bounds;
using QSim.Certificates.Checking;
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

/// <summary><c>qsim certify check</c>: whether a written certificate proves what it says.</summary>
internal static class CertifyCheckCommand
{
    private const string ExampleText = """
          qsim certify --profile int8-wide --images 20 --certificates proofs --cache nets
          qsim certify check proofs/int8-wide-1_255-0.json --cache nets

        Network, data and profiles are those of the study.json beside the file, unless options say
        otherwise. The program is made again and has to be the certificate's, by content; the image's raw
        values have to lie in the certificate's box; then a checker that shares no code with bounds and
        search goes through the proof in integers. Exit codes: 0 it holds, 1 it does not.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var file = new Argument<string>("file") { Description = "A file of --certificates." };
        var study = new StudyOptions();
        Option<string?> folder = CommonOptions.DataFolder(), cache = CommonOptions.Cache();
        var command = new Command("check", "Check a written certificate independently.") { file };
        foreach (Option option in study.Hardware.Concat([folder, cache])) command.Add(option);
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                string path = parsed.GetRequiredValue(file);
                CertificateFile certificate = CertificateFile.Read(path);
                string beside = Path.Combine(
                    Path.GetDirectoryName(Path.GetFullPath(path))!, SideFolder.StudyFile);
                StudyInputs inputs = StudyInputs.Read(
                    study.Apply(
                        File.Exists(beside) ? StudyFile.Read(beside).Settings : new(), parsed),
                    DataFolders.Resolve(parsed.GetValue(folder)));
                string? reason = WhyNot(
                    screen, certificate, inputs.ForSeed(inputs.Settings.Seed),
                    CommonOptions.OpenCache(parsed.GetValue(cache)), cancellation);
                if (reason is not null)
                {
                    screen.Error($"{path}: does not hold: {reason}");
                    return (int)ExitCode.GateFailed;
                }

                screen.Line(
                    $"holds: {certificate.Profile} decides {certificate.Proof.Label} on every "
                        + $"image {OfLevels(certificate.PixelLevels)}within "
                        + $"{certificate.Epsilon} of test image {certificate.Image}");
                return (int)ExitCode.Done;
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>A certificate of fewer images is not taken for one of all.</summary>
    private static string OfLevels(int levels) =>
        levels == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"whose pixels are multiples of 1/{levels} ");

    private static string? WhyNot(
        Screen screen, CertificateFile file, StudyInputs inputs, ContentCache cache,
        CancellationToken cancellation)
    {
        string? reason = null;
        ProgressDisplay.Run(screen, quiet: false, progress =>
        {
            using NetworkList trained = NetworkList.Train(
                inputs, new(inputs.Resolve()), new NetworkCache(cache), threads: 0, progress,
                cancellation);
            using HardwareList hardware = HardwareList.Create(
                inputs, progress, target => trained.Of(target).Network,
                cancellation: cancellation);
            progress.Begin("check the certificate");
            Simulation[] same =
            [
                .. hardware.All.Select(h => h.Simulation)
                    .Where(s => ProgramDigest.Of(s.Program) == file.ProgramSha256),
            ];
            reason = same.Length == 0
                ? "it is of another program than "
                    + string.Join(", ", hardware.All.Select(h => h.Profile))
                : WhyNot(file, same[0], inputs.Data.Test);
        });
        return reason;
    }

    private static string? WhyNot(CertificateFile file, Simulation hardware, ImageSet images)
    {
        if (file.Image < 0 || file.Image >= images.Count)
            return $"there is no test image {file.Image}";
        if (file.PixelLevels < 0)
            return $"there are no pixels of {file.PixelLevels} levels";
        if (images.Labels[file.Image] != file.Proof.Label)
            return $"test image {file.Image} is of class {images.Labels[file.Image]}";
        int? levels = file.PixelLevels == 0 ? null : file.PixelLevels;
        TensorBox box = new InputBox(hardware.Program.Input, levels).Around(
            images.Images(file.Image, 1), file.Epsilon.Value);
        if (file.Proof.Low.Length != box.Length || file.Proof.High.Length != box.Length
            || Enumerable.Range(0, box.Length).Any(i =>
                box.Low[i] < file.Proof.Low[i] || box.High[i] > file.Proof.High[i]))
            return "its box leaves out allowed images";
        return new ProofChecker(hardware.Program).Check(file.Proof);
    }
}

using System.CommandLine;
using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Certificates;
using QSim.Certificates.Bounds;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;
using QSim.Simulator;

namespace QSim.Runner.Commands;

/// <summary><c>qsim certify</c>: what is proved of hardware, image by image.</summary>
internal static class CertifyCommand
{
    private const string ExampleText = """
          qsim certify --profile int8-wide --epsilons 1/255,2/255,4/255
          qsim certify --profile int4 --certify bounds                milliseconds an image
          qsim certify --data mnist --network net.onnx --images 200 --seconds 60
          qsim certify --profile int8-wide --pixel-levels 255         8-bit images only
          qsim certify my-study.yaml --profile int4                   that study's network and budgets
          qsim certify --profile int8-wide --json --quiet | jq .cells

        For each image and budget: 'proved', no allowed image changes the decision of
        this hardware, on its own integers; 'broken', one does, and the hardware was run on it;
        'undecided', neither, with the stage that was too loose. Robust accuracy lies between the share
        proved and the share not broken. 'bounds' proves only; 'complete' also searches, up to --seconds
        an image. Whatever rounds at random cannot be certified.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var file = new Argument<string?>("study")
        {
            Description =
                "A study file (YAML), for its network, data, training, profiles and budgets; "
                    + "options override what it says.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var study = new StudyOptions();
        var options = new CertifyOptions();
        var command = new Command(
            "certify", "Prove that no allowed image changes a decision, or find one that does.")
        {
            file,
        };
        foreach (Option option in study.Hardware
            .Concat(study.Named("norm", "epsilons", "pixel_levels"))
            .Concat(options.All))
            command.Add(option);
        command.Add(CertifyCheckCommand.Create(screen));
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                CertifySettings settings = options.Read(parsed);
                StudyInputs inputs = StudyInputs.Read(
                    study.Apply(
                        parsed.GetValue(file) is { } path
                            ? StudyFile.Read(path).Settings
                            : new StudySettings { Epsilons = DefaultEpsilons },
                        parsed),
                    DataFolders.Resolve(settings.DataFolder));
                StudyCertification.Check(settings.Method, inputs.Settings.Norm);
                return (int)Run(screen, inputs, settings, cancellation);
            },
            CancellationToken.None));
        return command;
    }

    private static IReadOnlyList<Epsilon> DefaultEpsilons =>
        EpsilonList.Parse(Norm.Linf, "1/255,2/255,4/255,8/255");

    private static ExitCode Run(
        Screen screen, StudyInputs study, CertifySettings settings,
        CancellationToken cancellation)
    {
        StudyInputs inputs = study.ForSeed(study.Settings.Seed);
        ContentCache cache = CommonOptions.OpenCache(settings.Cache);
        var job = new Job(
            inputs, settings, cache,
            settings.Certificates is { } path
                ? CertificateFolder.Open(path, inputs.Resolve())
                : null,
            cancellation);
        try
        {
            ProgressDisplay.Run(screen, settings.Quiet, job.Run);
        }
        finally
        {
            // What was finished is shown, too, where somebody stops it.
            foreach (string note in job.Notes) screen.Error(note);
            if (settings.PrintJson && job.Cells.Count > 0)
                screen.Document(
                    Json.Of(CertifyReport.Document(inputs.Settings, settings, job.Cells)));
            else
                CertifyReport.Write(screen, job.Cells);
        }

        return job.Cells.Count == 0 ? ExitCode.UsageError : ExitCode.Done;
    }

    /// <summary>One call: what is asked, and what came of it so far.</summary>
    private sealed class Job(
        StudyInputs inputs, CertifySettings settings, ContentCache cache,
        CertificateFolder? folder, CancellationToken cancellation)
    {
        /// <summary>What is finished.</summary>
        public List<CertifiedCell> Cells { get; } = [];

        /// <summary>What could not be done, and why.</summary>
        public List<string> Notes { get; } = [];

        /// <summary>Trains, quantizes, certifies.</summary>
        public void Run(IProgressSink progress)
        {
            using NetworkList trained = NetworkList.Train(
                inputs, new(inputs.Resolve()), new NetworkCache(cache), threads: 0, progress,
                cancellation);
            using HardwareList hardware = HardwareList.Create(
                inputs, progress, target => trained.Of(target).Network,
                cancellation: cancellation);
            foreach ((string, Simulation) one in hardware.All) Certify(one, progress);
        }

        private void Certify(
            (string Profile, Simulation Simulation) hardware, IProgressSink progress)
        {
            if (ProgramBounds.WhyNot(hardware.Simulation.Program) is { } reason)
            {
                Notes.Add($"{hardware.Profile} cannot be certified: {reason}");
                return;
            }

            using var certifier = new ImageCertifier(hardware.Simulation)
            {
                Method = settings.Method,
                Seconds = settings.Seconds,
                WritesProofs = folder is not null,
            };
            CertifiedCell? smaller = null;
            foreach (Epsilon epsilon in inputs.Settings.Epsilons)
            {
                progress.Begin($"certify {hardware.Profile} at {epsilon}");
                smaller = CertifiedCell.Make(
                    certifier, hardware, inputs.Data.Test, inputs.Settings.Budget(epsilon),
                    smaller,
                    new(
                        settings.Threads,
                        (share, images) => progress.Report(share, So(images)), cancellation));
                Cells.Add(smaller);
                if (folder is not null) WriteCertificates(folder, certifier, smaller);
            }
        }

        /// <summary>Only what the checker agrees to is written.</summary>
        private void WriteCertificates(
            CertificateFolder folder, ImageCertifier certifier, CertifiedCell cell)
        {
            string? reason = null;
            int written = 0;
            for (int i = 0; i < cell.Images.Count; i++)
            {
                if (cell.Images[i].Verdict != Verdict.Proved) continue;
                if (certifier.WhyNotWritten(cell.Images[i].Proof) is { } why)
                {
                    reason ??= why;
                    continue;
                }

                written++;
                folder.Write(new()
                {
                    Profile = cell.Profile,
                    ProgramSha256 = certifier.ProgramSha256,
                    Image = i,
                    Epsilon = cell.Epsilon,
                    PixelLevels = inputs.Settings.PixelLevels ?? 0,
                    Proof = cell.Images[i].Proof!,
                });
            }

            if (reason is not null)
                Notes.Add(
                    $"{cell.Profile} at {cell.Epsilon}: {written} of {cell.Count(Verdict.Proved)} "
                        + $"proofs have a certificate: {reason}");
        }
    }

    private static string So(CertifiedImage?[] images) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count(images, Verdict.Proved)} proved, {Count(images, Verdict.Broken)} broken, "
            + $"{Count(images, Verdict.Undecided)} undecided");

    private static int Count(CertifiedImage?[] images, Verdict verdict) =>
        images.Count(i => i?.Verdict == verdict);
}

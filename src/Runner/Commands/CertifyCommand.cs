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

        For each image and budget, under L-infinity: 'proved', no allowed image changes the decision of
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
            .Concat(study.Named("epsilons", "pixel_levels"))
            .Concat(options.All))
            command.Add(option);
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
                if (inputs.Settings.Norm != Norm.Linf)
                    throw new RequestException(
                        "certificates are for budgets under linf (norm: linf)");
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
        List<CertifiedCell> cells = [];
        List<string> refused = [];
        try
        {
            ProgressDisplay.Run(
                screen, settings.Quiet,
                progress => CertifyAll(inputs, settings, (cells, refused), progress, cancellation));
        }
        finally
        {
            // What was finished is shown, too, where somebody stops it.
            foreach (string reason in refused) screen.Error(reason);
            if (settings.PrintJson && cells.Count > 0)
                screen.Document(
                    Json.Of(CertifyReport.Document(inputs.Settings, settings, cells)));
            else
                CertifyReport.Write(screen, cells);
        }

        return cells.Count == 0 ? ExitCode.UsageError : ExitCode.Done;
    }

    private static void CertifyAll(
        StudyInputs inputs, CertifySettings settings,
        (List<CertifiedCell> Cells, List<string> Refused) results, IProgressSink progress,
        CancellationToken cancellation)
    {
        using NetworkList trained = NetworkList.Train(
            inputs, new(inputs.Resolve()),
            new NetworkCache(CommonOptions.OpenCache(settings.Cache)), threads: 0, progress,
            cancellation);
        using HardwareList hardware = HardwareList.Create(
            inputs, progress, target => trained.Of(target).Network);
        foreach ((string, Simulation) one in hardware.All)
            Certify(inputs, one, settings, results, progress, cancellation);
    }

    private static void Certify(
        StudyInputs inputs, (string Profile, Simulation Simulation) hardware,
        CertifySettings settings, (List<CertifiedCell> Cells, List<string> Refused) results,
        IProgressSink progress, CancellationToken cancellation)
    {
        if (ProgramBounds.WhyNot(hardware.Simulation.Program) is { } reason)
        {
            results.Refused.Add($"{hardware.Profile} cannot be certified: {reason}");
            return;
        }

        using var certifier = new ImageCertifier(hardware.Simulation)
        {
            Method = settings.Method, Seconds = settings.Seconds,
        };
        CertifiedCell? smaller = null;
        foreach (Epsilon epsilon in inputs.Settings.Epsilons)
        {
            progress.Begin($"certify {hardware.Profile} at {epsilon}");
            smaller = CertifiedCell.Make(
                certifier, hardware, inputs.Data.Test, inputs.Settings.Budget(epsilon), smaller,
                new(
                    settings.Threads,
                    (share, images) => progress.Report(share, So(images)), cancellation));
            results.Cells.Add(smaller);
        }
    }

    private static string So(CertifiedImage?[] images) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count(images, Verdict.Proved)} proved, {Count(images, Verdict.Broken)} broken, "
            + $"{Count(images, Verdict.Undecided)} undecided");

    private static int Count(CertifiedImage?[] images, Verdict verdict) =>
        images.Count(i => i?.Verdict == verdict);
}

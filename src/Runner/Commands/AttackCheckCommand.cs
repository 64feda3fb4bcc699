using System.CommandLine;
using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Saved;

namespace QSim.Runner.Commands;

/// <summary><c>qsim attack-check</c>: judges saved adversarial images again.</summary>
internal static class AttackCheckCommand
{
    private const string ExampleText = """
          qsim run --save-images adv --cache nets
          qsim attack-check adv/hardware-int4-ensemble-16_255.npz --cache nets
          qsim attack-check adv/hardware-int4-ensemble-16_255.npz --profile mine.yaml
          qsim attack-check theirs.npz --network net.onnx --data mine.npz --profile int8-wide

        The file needs x_adv (float, [image, channel, row, column], pixels in [0, 1]) and labels
        (or y). Network, data, calibration and profiles are those of the study.json beside it,
        unless options say otherwise. It says of every target how many images it gets right; of the
        target that the images were made for also whether that is what was saved. It exits 1 where
        that is not so, or where an image is further from its original than epsilon.
        """;

    private const string Beside = "those of the study.json beside the file";

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var file = new Argument<string>("file")
        {
            Description = "An npz of 'qsim run --save-images', or any with x_adv and labels.",
        };
        var study = new StudyOptions();
        Option<string?> folder = CommonOptions.DataFolder(), cache = CommonOptions.Cache();
        var command = new Command(
            "attack-check", "Judge saved adversarial images again, on any profile.")
        {
            file,
        };
        Option[] own = [folder, cache, CommonOptions.Quiet()];
        Option[] ofImages = [.. study.Named("images", "skip_images")];
        foreach (Option option in study.HardwareOfFiles(Beside).Except(ofImages).Concat(own))
            command.Add(option);
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) =>
        {
            string path = parsed.GetRequiredValue(file);
            ContentCache networks = CommonOptions.OpenCache(parsed.GetValue(cache));
            SavedCell saved = SavedCell.Read(path);
            StudySettings settings = SideStudy.Read(SideStudy.FolderOf(path), screen);
            if (saved.Seed is { } seed) settings = settings with { Seeds = [seed] };
            StudyInputs inputs = StudyInputs.Read(
                study.Apply(settings, parsed),
                DataFolders.Resolve(parsed.GetValue(folder)));
            return Run(
                screen, path, saved, inputs, networks, cancellation);
        });
        return command;
    }

    private static ExitCode Run(
        Screen screen, string path, SavedCell saved, StudyInputs study, ContentCache cache,
        CancellationToken cancellation)
    {
        StudyInputs inputs = study.ForSeed(study.Settings.Seed);
        if (saved.Images.Shape != inputs.Network.Input)
            throw new RequestException(
                $"{path}: images of {saved.Images.Shape}, where {inputs.Network.Name} takes "
                    + $"{inputs.Network.Input}");
        List<string[]> rows = [];
        List<string> faults = [.. Beyond(saved)];
        ProgressDisplay.Run(screen, progress =>
        {
            using NetworkList trained = NetworkList.Train(
                inputs, new(inputs.Resolve()), new NetworkCache(cache), threads: 0, progress,
                cancellation);
            using HardwareList hardware = HardwareList.Create(
                inputs, progress, target => trained.Of(target).Network,
                cancellation: cancellation);
            var targets = new TargetList(inputs, trained, hardware);
            foreach (ResolvedTarget target in inputs.Resolve().Targets)
                rows.Add(Judge(saved, targets.Find(target.Name), faults, cancellation));
        });
        new TextTable(
            ["target", "right, clean", "right, attacked", "right, both", "as saved"], rows)
        {
            RightAligned = new HashSet<int> { 1, 2, 3 },
        }.Write(screen);
        foreach (string fault in faults) screen.Error($"{path}: {fault}");
        return faults.Count > 0 ? ExitCode.GateFailed : ExitCode.Done;
    }

    private static string[] Judge(
        SavedCell saved, IClassifier target, List<string> faults, CancellationToken cancellation)
    {
        LabelledImages images = saved.Images;
        int[] before = Evaluation.Classify(target, images, cancellation: cancellation),
            after = Evaluation.Classify(
                target, images, saved.Adversarial, cancellation: cancellation);
        var judge = new JudgeResult(target.Name, images.Labels, before, after);
        string same = "";
        if (target.Name == saved.Target && saved.Outcomes is { } outcomes)
        {
            int differing = outcomes.Where((o, i) => o != judge.IsRobust(i)).Count();
            same = differing == 0 ? "yes" : $"no: {differing} differ";
            if (differing > 0)
                faults.Add(
                    $"{target.Name} judges {differing} images differently from what was saved");
        }

        return
        [
            target.Name, saved.HasOriginals ? Count(judge.CleanRight) : "",
            Count(after.Where((c, i) => c == images.Labels[i]).Count()), Count(judge.RobustRight),
            same,
        ];

        string Count(int right) =>
            string.Create(CultureInfo.InvariantCulture, $"{right} of {images.Count}");
    }

    /// <summary>Images that are further from their originals than the file says.</summary>
    private static IEnumerable<string> Beyond(SavedCell saved)
    {
        if (saved is not { Norm: { } norm, Epsilon: { } epsilon, HasOriginals: true }) yield break;
        var budget = new Budget(norm, new(epsilon));
        int length = saved.Images.Shape.Length;
        int beyond = Enumerable.Range(0, saved.Images.Count).Count(i => !budget.Contains(
            saved.Images.Image(i), saved.Adversarial.AsSpan(i * length, length)));
        if (beyond > 0)
            yield return $"{beyond} images are further from their originals than {budget}";
    }
}

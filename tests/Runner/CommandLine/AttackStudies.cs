namespace QSim.Runner.Tests.CommandLine;

/// <summary>Runs of studies that share a trained network, each made when it is asked for.</summary>
public sealed class AttackStudies : IDisposable
{
    internal const int Images = 16;

    /// <summary>Lines of each study.</summary>
    private static readonly Dictionary<string, string> Studies = new()
    {
        ["l1"] = """
            norm: l1
            attacks: [apgd-ce-12, square-20, fab-t]
            epsilons: [1, 4]
            profiles: [int8-wide]
            """,
        ["l2"] = """
            norm: l2
            attacks: [apgd-dlr-8, deepfool]
            epsilons: [0.5, 1]
            profiles: [int8-wide]
            """,
        ["overflow"] = """
            attacks: [overflow]
            epsilons: [16/255, 48/255]
            profiles: [int8-acc-wrap]
            """,
        ["restarts"] = """
            attacks: [pgd-3]
            restarts: 4
            epsilons: [8/255, 16/255]
            profiles: [int4]
            """,
        ["grid"] = """
            attacks: [pgd-5]
            pixel_levels: 16
            epsilons: [0.1, 0.2]
            profiles: [int4]
            """,
        ["eot"] = """
            attacks: [pgd-5]
            eot_draws: 3
            epsilons: [8/255, 16/255]
            profiles: [stochastic.yaml]
            """,
        ["matrix"] = """
            attacks: [fgsm]
            transfer_matrix: true
            epsilons: [16/255, 24/255]
            profiles: [int8-wide, int4]
            """,
        ["score"] = """
            threat: score
            attacks: [square-30]
            epsilons: [16/255, 24/255]
            profiles: [int4]
            """,
        ["label"] = """
            threat: label
            attacks: [noise]
            epsilons: [16/255, 24/255]
            profiles: [int4]
            """,
    };

    internal static readonly string[] Cache = ["--cache", "cache"];
    private readonly Dictionary<string, string> _output = [];

    public AttackStudies() => File.WriteAllText(Folder.File("stochastic.yaml"), """
        schema: qsim/hardware-profile/1
        name: stochastic
        extends: int4
        requantize: {rounding: STOCHASTIC}
        """);

    internal static IEnumerable<string> Names => Studies.Keys;

    internal TemporaryFolder Folder { get; } = new();

    internal string Output(string study) => _output[study];

    internal string Run(string study)
    {
        if (_output.ContainsKey(study)) return Folder.File(study);
        File.WriteAllText(
            Folder.File($"{study}.yaml"),
            $"schema: qsim/study/1\nepochs: 6\nimages: {Images}\ncalibration_images: 16\n"
                + Studies[study]);
        Finished run = Qsim.RunIn(
            Folder.Path, ["run", $"{study}.yaml", "--out", study, "--quiet", .. Cache]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        _output[study] = run.Out;
        return Folder.File(study);
    }

    public void Dispose() => Folder.Dispose();
}

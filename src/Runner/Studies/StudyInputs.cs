using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Methods;
using QSim.Attacks.Methods.Settings;
using QSim.Kernels.Backends;
using QSim.Runner.Data;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Keys;
using QSim.Runner.Studies.Sweeps;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Studies;

/// <summary>A profile that a study runs, ready to be quantized for.</summary>
/// <param name="Name">In results: the profile's own, and the point of the sweep.</param>
/// <param name="Reference">What the user wrote.</param>
/// <param name="Profile">What it says, at this point of the sweep.</param>
/// <param name="Datapath">What that comes to.</param>
/// <param name="Point">What the sweep sets.</param>
internal sealed record StudyProfile(
    string Name, string Reference, HardwareProfile Profile, Datapath Datapath,
    IReadOnlyList<SweepSetting> Point);

/// <summary>
/// Everything that a study reads, read and checked before the first second of work.
/// </summary>
/// <param name="Settings">The question.</param>
/// <param name="Data">The images, as many as the settings ask.</param>
/// <param name="DataSource">Where they were found.</param>
/// <param name="Network">Untrained, unless <see cref="Loaded"/> says where it is from.</param>
/// <param name="Profiles">The hardware.</param>
/// <param name="Attacks">The attacks.</param>
/// <param name="Backend">The backend that the user insists on; null for the fastest.</param>
/// <param name="Gradients">What trains the network and leads the attacks.</param>
internal sealed record StudyInputs(
    StudySettings Settings, Dataset Data, string DataSource, FloatNetwork Network,
    IReadOnlyList<StudyProfile> Profiles, IReadOnlyList<AttackChoice> Attacks, IBackend? Backend,
    IGradientEngine Gradients)
{
    /// <summary>
    /// What a user types for the fastest backend that can run each program, and for
    /// <see cref="GradientEngineList.Default"/>.
    /// </summary>
    public const string Auto = "auto";

    /// <summary>The file that the study was read from; null for the quickstart.</summary>
    public StudyFile? File { get; init; }

    /// <summary>Where the network was loaded from; null where it is to be trained.</summary>
    public LoadedNetwork? Loaded { get; init; }

    /// <summary>Test images that there are, those that nobody asked for among them.</summary>
    public int TestImages { get; init; }

    /// <summary>Reads everything.</summary>
    /// <param name="settings">The question.</param>
    /// <param name="folders">Where datasets are.</param>
    /// <param name="backend">The backend that the user insists on; null for the fastest.</param>
    /// <param name="gradients">The gradient engine.</param>
    /// <param name="given">Images that are there already; null for the dataset's.</param>
    /// <exception cref="RequestException">
    /// A name is unknown, a number impossible, or things do not fit together.
    /// </exception>
    /// <exception cref="Simulator.InputException">A file is wrong.</exception>
    public static StudyInputs Read(
        StudySettings settings, DataFolders folders, string? backend = null,
        string gradients = Auto, IDatasetSource? given = null)
    {
        StudyKeys.CheckRanges(settings);
        IBackend? chosen = backend is null or Auto ? null : FindBackend(backend);
        IReadOnlyList<AttackChoice> attacks =
        [
            .. settings.Attacks.Select(name => AttackList.Create(name, settings.Norm))
                .DistinctBy(a => a.Attack.Name),
        ];
        StudyNetwork.CheckName(settings.Network);
        StudyCertification.Check(settings);
        AttackChecks.Check(attacks, settings);
        IReadOnlyList<StudyProfile> profiles = ReadProfiles(settings);
        IDatasetSource source = given ?? DatasetList.Find(
            settings.Dataset, settings.PixelRange, settings.Preprocess?.Images);
        Dataset data = LabelMap.Apply(
            source.Load(folders), settings.LabelMap ?? [], settings.LabelMapPlaces);
        settings = settings.Fitted(data.Test.Count, data.Train.Count);
        (FloatNetwork network, LoadedNetwork? loaded) = StudyNetwork.Of(
            settings.Network, data, settings.PixelRange, settings.Preprocess);
        StudyNetwork.CheckImplies(network, settings.Profiles);
        if (settings.Profiles.Contains(ProfileReader.FromModel))
            profiles = ReadProfiles(settings, network);
        if (profiles.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new RequestException(
                $"two profiles are called '{twice.Key}': give each a name of its own");
        if (loaded is not null && settings.Training is not null && !settings.Recipe.IsPerProfile)
        {
            throw new RequestException(
                $"training: {settings.Network} is trained already (supported: with quantize, to "
                    + "train on for each profile)");
        }

        if (data.IsOneSet && (loaded is null || settings.Recipe.IsPerProfile))
            throw new RequestException(
                $"{settings.Dataset}: has no images to train on (supported: x_train and y_train of "
                    + "a FILE.npz, train/ of a folder, rows of a FILE.csv whose split is train; or "
                    + "a trained network)");
        settings.Recipe.HeldOut(data.Train);
        int left = data.Test.Count - settings.SkipImages;
        CheckCount(
            "images", settings.Images, left,
            $"test images of {data.Name}"
                + (settings.SkipImages > 0 ? $" behind the {settings.SkipImages} skipped" : ""));
        CheckCalibration(settings, data);
        return new(
            settings, data with
            {
                Test = data.Test.Slice(settings.SkipImages, settings.Images),
            },
            source.Locate(folders)!, network, profiles, attacks, chosen,
            FindEngine(gradients, network))
        {
            Loaded = loaded,
            TestImages = data.Test.Count,
        };
    }

    /// <summary>
    /// The same for a study from a file; one that a run resolved has to find what that run found.
    /// </summary>
    /// <exception cref="RequestException">Data, network or a profile is another now.</exception>
    public static StudyInputs ReadFile(
        StudyFile file, DataFolders folders, string? backend, string? gradients) =>
        Read(file.Settings, folders, backend, gradients ?? file.Resolved?.Engine ?? Auto)
            .Of(file);

    /// <summary>These, of a study from a file.</summary>
    /// <exception cref="RequestException">A run resolved it, and found something else.</exception>
    public StudyInputs Of(StudyFile? file) => file?.Resolved?.ChangedIn(Resolve()) is { } changed
        ? throw new RequestException(
            $"{file.Path}: {changed} has changed since that run: its SHA-256 is different")
        : this with { File = file };

    /// <summary>The same study with one of its seeds and a network of its own.</summary>
    public StudyInputs ForSeed(ulong seed) => this with
    {
        Settings = Settings with { Seeds = [seed] },
        Network = Loaded is null ? NetworkPresets.Create(Settings.Network) : Network.Copy(),
    };

    /// <summary>One of the attacks, by its name in results.</summary>
    public AttackChoice Attack(string name) => Attacks.First(a => a.Attack.Name == name);

    /// <summary>Everything that results depend on.</summary>
    public ResolvedStudy Resolve() =>
        new()
        {
            Settings = Settings,
            DataSha256 = Data.Sha256,
            NetworkSha256 = Loaded?.Sha256,
            Classes = Data.Classes,
            HasOneSet = Data.IsOneSet && Quantizer.Calibrates(Network),
            Engine = Gradients.Name,
            Attacks = [.. Attacks.Select(a => a.Attack.Name)],
            AttackSettings =
                [.. Attacks.Select(a => AttackDescription.Of(a, Settings.Restarts))],
            ControlAttacks =
            [
                .. Attacks.Select(a => a.Attack)
                    .Where(a =>
                        a.Needs == Knowledge.Gradients && !a.IsSingleStep && !a.IsMinimalNorm)
                    .Select(a => a.Name),
            ],
            CarriedAttack = CarriedAttack(),
            ImageLength = Data.Test.Shape.Length,
            Targets =
            [
                ResolvedTarget.FloatNetwork,
                .. Profiles.Select(p => new ResolvedTarget(
                    p.Name, p.Reference, p.Point, Hardware.Sha256(p.Profile))),
            ],
        };

    /// <summary>A plain attack of many steps, one that is no sequence where there is one.</summary>
    private string? CarriedAttack() =>
        Profiles.Count == 0
        || !Settings.Threats.Contains(ThreatModel.Hardware)
        || Settings.Threats.Contains(ThreatModel.Transfer)
            ? null
            : Attacks.Select(a => a.Attack)
                .Where(a => a.Needs == Knowledge.Gradients && !a.IsSingleStep
                    && a is not IDesignAttack)
                .OrderBy(a => a is AttackSequence)
                .FirstOrDefault()?.Name;

    private static IReadOnlyList<StudyProfile> ReadProfiles(
        StudySettings settings, FloatNetwork? network = null)
    {
        if (SweepAxis.Count(settings.Sweep) > SweepReader.MostPoints)
            throw new RequestException(
                $"sweep: more than {SweepReader.MostPoints} combinations (supported: 'qsim "
                    + "search', which tries few of them)");
        IReadOnlyList<IReadOnlyList<SweepSetting>> points = SweepAxis.Points(settings.Sweep);
        var labels = SweepLabels.Of(settings.Sweep.SelectMany(a => a.Steps[0]).Select(s => s.Key));
        return
        [
            .. settings.Profiles.SelectMany(
                _ => points,
                (reference, point) => ReadProfile(reference, point, labels, network)),
        ];
    }

    /// <summary>Reads a profile with keys set as at a point of a sweep.</summary>
    /// <param name="reference">What the user wrote.</param>
    /// <param name="point">The keys.</param>
    /// <param name="labels">Their short names.</param>
    /// <param name="network">What a profile may be implied by; null where it is not known.</param>
    /// <exception cref="Simulator.InputException">It is wrong, or a key is.</exception>
    public static StudyProfile ReadProfile(
        string reference, IReadOnlyList<SweepSetting> point,
        IReadOnlyDictionary<string, string> labels, FloatNetwork? network)
    {
        HardwareProfile profile = ImpliedProfile.Read(
            reference, network, point.Select(s => s.ToOverride()));
        if (profile.Name == AccuracyCell.FloatTarget)
            throw new RequestException(
                $"{reference}: a profile cannot be called '{AccuracyCell.FloatTarget}'");
        string name = SweepLabels.Name(profile.Name, point, labels);
        return new(name, reference, profile, DatapathCompiler.Compile(profile), point);
    }

    private static IBackend FindBackend(string name)
    {
        IBackend backend = BackendList.Find(name)
            ?? throw Unknown("backend", name, BackendList.All.Select(b => b.Name));
        return backend.WhyUnavailable is { } reason
            ? throw new RequestException($"backend '{name}' is not usable here: {reason}")
            : backend;
    }

    private static IGradientEngine FindEngine(string name, FloatNetwork network)
    {
        if (name == Auto) return GradientEngineList.Default(network);
        IGradientEngine engine = GradientEngineList.Find(name)
            ?? throw Unknown("gradient engine", name, GradientEngineList.All.Select(e => e.Name));
        if (engine.WhyUnavailable is { } reason)
            throw new RequestException($"gradient engine '{name}' is not usable here: {reason}");
        return engine.WhyNot(network) is { } unknown
            ? throw new RequestException(
                $"--gradients {name}: {unknown} (supported: managed, or leave it out)")
            : engine;
    }

    /// <summary>Whether there are as many images as scales are to be calibrated on.</summary>
    /// <exception cref="RequestException">There are not.</exception>
    public static void CheckCalibration(StudySettings settings, Dataset data) => CheckCount(
        "calibration images", settings.CalibrationImages, data.Train.Count,
        $"training images of {data.Name}");

    private static void CheckCount(string what, int count, int available, string of)
    {
        if (count < 1 || count > available)
            throw new RequestException(
                $"{what} {count}: there are {available} {of} (supported: 1..{available})");
    }

    private static RequestException Unknown(string what, string name, IEnumerable<string> known) =>
        new(
            $"unknown {what} '{name}'{Suggestion.Hint(name, known)} (supported: "
                + $"{string.Join(", ", known)})");
}

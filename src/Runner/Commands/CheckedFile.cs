using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Studies.Certifying;
using QSim.Simulator;

namespace QSim.Runner.Commands;

/// <summary>A file that <c>qsim certify check</c> was given, and what came of it.</summary>
internal sealed class CheckedFile
{
    private CertificateFile? _certificate;
    private CounterexampleFile? _counterexample;

    private CheckedFile(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Why it could not be read; null where it could.</summary>
    public Exception? Damage { get; private set; }

    /// <summary>Why it does not hold; null where it does.</summary>
    public string? WhyNot { get; set; }

    /// <summary>Whether it shows that an image is broken, not that none is.</summary>
    public bool IsCounterexample { get; private init; }

    /// <summary>The program that it is of; null where it could not be read.</summary>
    public string? ProgramSha256 =>
        _certificate?.ProgramSha256 ?? _counterexample?.ProgramSha256;

    /// <summary>Reads one.</summary>
    public static CheckedFile Read(string path)
    {
        var file = new CheckedFile(path)
        {
            IsCounterexample = path.EndsWith(DecidedFiles.Broken, StringComparison.Ordinal),
        };
        try
        {
            if (file.IsCounterexample) file._counterexample = CounterexampleFile.Read(path);
            else file._certificate = CertificateFile.Read(path);
        }
        catch (Exception e) when (e is RequestException or InputException)
        {
            file.Damage = e;
        }

        return file;
    }

    /// <summary>Why one that could be read does not hold; null where it does.</summary>
    /// <param name="hardware">Hardware with its program.</param>
    /// <param name="images">The test images.</param>
    public string? Check(Simulation hardware, ImageSet images) => _certificate is { } certificate
        ? CertificateCheck.WhyNot(certificate, hardware, images)
        : CertificateCheck.WhyNot(
            _counterexample!, pixels => hardware.Classify(pixels)[0], images);

    /// <summary>What one says that holds.</summary>
    public string Claim() => _certificate is { } proved
        ? $"holds: {proved.Profile} decides {proved.Proof.Label} on every image "
            + Of(proved.PixelLevels, proved.Epsilon, proved.Image)
        : $"breaks: {_counterexample!.Profile} decides another class on an image "
            + Of(
                _counterexample.PixelLevels, _counterexample.Epsilon, _counterexample.Image);

    /// <summary>A certificate of fewer images is not taken for one of all.</summary>
    private static string Of(int levels, Epsilon epsilon, int image) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(levels == 0 ? "" : $"whose pixels are multiples of 1/{levels} ")}within {epsilon} of "
            + $"test image {image}");
}

/// <summary>Says what came of each file, and at the end of all.</summary>
internal sealed class CheckTally(Screen screen)
{
    private readonly List<CheckedFile> _files = [];

    /// <summary>Says what came of one.</summary>
    public void Add(CheckedFile file)
    {
        _files.Add(file);
        if (file.Damage is { } damage) Failures.Report(damage, screen);
        else if (file.WhyNot is { } reason) screen.Error($"{file.Path}: does not hold: {reason}");
        else screen.Line(file.Claim());
    }

    /// <summary>Says how many hold.</summary>
    public ExitCode End()
    {
        ILookup<bool, CheckedFile> kinds = _files.ToLookup(f => f.IsCounterexample);
        string[] counts =
        [
            .. kinds[false].Any() ? [$"{Share(kinds[false])} certificates hold"] : (string[])[],
            .. kinds[true].Any() ? [$"{Share(kinds[true])} counterexamples break"] : (string[])[],
        ];
        if (_files.Count > 1) screen.Line(string.Join(", ", counts));
        return _files.Exists(f => f.Damage is not null) ? ExitCode.UsageError
            : _files.TrueForAll(Holds) ? ExitCode.Done
            : ExitCode.GateFailed;
    }

    private static bool Holds(CheckedFile file) => (file.Damage, file.WhyNot) is (null, null);

    private static string Share(IEnumerable<CheckedFile> files) =>
        $"{files.Count(Holds)} of {files.Count()}";
}

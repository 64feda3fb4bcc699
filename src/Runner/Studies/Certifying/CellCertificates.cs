using QSim.Attacks.Evaluation;
using QSim.Certificates;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>
/// What is known of one piece of hardware under one budget, image by image: each is written once it
/// is decided, and taken where an earlier call left it. Several threads may ask at once.
/// </summary>
/// <param name="folder">Where that is.</param>
/// <param name="certifier">What proves; its checker has to agree, to old proofs as well.</param>
/// <param name="hardware">The hardware.</param>
/// <param name="inputs">The images.</param>
/// <param name="epsilon">The budget.</param>
internal sealed class CellCertificates(
    CertificateFolder folder, ImageCertifier certifier,
    (string Profile, Simulation Simulation) hardware, StudyInputs inputs, Epsilon epsilon)
{
    private readonly int _levels = inputs.Settings.PixelLevels ?? 0;
    private readonly Lock _lock = new();
    private int _written, _proved, _notAgain, _outOfTime;
    private string? _whyNot;

    private long? MostNodes => certifier.MostNodes == long.MaxValue ? null : certifier.MostNodes;

    /// <summary>
    /// An image that an earlier call proved or broke, or searched no less than this one would; null
    /// where none did.
    /// </summary>
    public CertifiedImage? Find(int image) =>
        FindProved(image) ?? FindBroken(image) ?? FindUndecided(image);

    /// <summary>Writes what is new; proofs where the checker agrees.</summary>
    public void Keep(int image, CertifiedImage decided)
    {
        if (decided.IsFromBefore) return;
        if (decided.Verdict == Verdict.Proved) KeepProof(image, decided);
        else if (decided.Adversarial is { } adversarial)
            folder.Write(NameOf(image), DecidedFiles.Broken, new CounterexampleFile
            {
                Profile = hardware.Profile,
                ProgramSha256 = certifier.ProgramSha256,
                Image = image,
                Epsilon = epsilon,
                PixelLevels = _levels,
                Adversarial = adversarial,
            });
        else if (decided.Verdict == Verdict.Undecided)
            folder.Write(NameOf(image), DecidedFiles.Undecided, new UndecidedFile
            {
                Version = folder.Version,
                Profile = hardware.Profile,
                ProgramSha256 = certifier.ProgramSha256,
                Image = image,
                Epsilon = epsilon,
                PixelLevels = _levels,
                Seconds = certifier.Seconds,
                Nodes = MostNodes,
                IsOutOfTime = decided.IsOutOfTime,
                Blame = decided.Blame,
            });
    }

    /// <summary>What somebody should know of the files; nothing where all is as usual.</summary>
    public IEnumerable<string> Notes()
    {
        if (_whyNot is not null)
            yield return $"{_written} of {_proved} proofs have a certificate: {_whyNot}";
        if (_notAgain > 0)
            yield return
                $"{_notAgain} undecided image{(_notAgain == 1 ? " was" : "s were")} searched as "
                    + "far before, and not again"
                    + (_outOfTime > 0 ? $" (more --seconds search {_outOfTime} further)" : "");
    }

    private ImageName NameOf(int image) => new(hardware.Profile, epsilon, image);

    private CertifiedImage? FindProved(int image) =>
        folder.Find(NameOf(image), DecidedFiles.Proved, CertificateFile.Read) is { } file
            && IsOf(image, file)
            && CertificateCheck.WhyNot(file, hardware.Simulation, inputs.Data.Test) is null
                ? new(Verdict.Proved) { Proof = file.Proof, IsFromBefore = true }
                : null;

    private CertifiedImage? FindBroken(int image) =>
        folder.Find(NameOf(image), DecidedFiles.Broken, CounterexampleFile.Read) is { } file
            && IsOf(image, file)
            && CertificateCheck.WhyNot(file, certifier.ClassOf, inputs.Data.Test) is null
                ? new(Verdict.Broken) { Adversarial = file.Adversarial, IsFromBefore = true }
                : null;

    private CertifiedImage? FindUndecided(int image)
    {
        if (folder.Find(NameOf(image), DecidedFiles.Undecided, UndecidedFile.Read) is not { } file
            || !IsOf(image, file)
            || file.Version != folder.Version
            || !file.IsEnough(certifier.Seconds, MostNodes))
            return null;
        lock (_lock)
        {
            _notAgain++;
            if (file.IsOutOfTime) _outOfTime++;
        }

        return new(Verdict.Undecided, file.Blame)
        {
            IsOutOfTime = file.IsOutOfTime,
            IsFromBefore = true,
        };
    }

    private bool IsOf(int image, DecidedFile file) =>
        file.ProgramSha256 == certifier.ProgramSha256
        && (file.Image, file.PixelLevels) == (image, _levels)
        && file.Epsilon.Value == epsilon.Value;

    private void KeepProof(int image, CertifiedImage decided)
    {
        string? reason = certifier.WhyNotWritten(decided.Proof);
        if (reason is null)
            folder.Write(NameOf(image), DecidedFiles.Proved, new CertificateFile
            {
                Profile = hardware.Profile,
                ProgramSha256 = certifier.ProgramSha256,
                Image = image,
                Epsilon = epsilon,
                PixelLevels = _levels,
                Proof = decided.Proof!,
            });
        lock (_lock)
        {
            _proved++;
            if (reason is null) _written++;
            _whyNot ??= reason;
        }
    }
}

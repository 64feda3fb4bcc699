using QSim.Attacks.Evaluation;
using QSim.Certificates;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>
/// The certificates of one piece of hardware under one budget: each is written once its image is
/// proved, and taken where an earlier call left it. Several threads may ask at once.
/// </summary>
/// <param name="folder">Where they are.</param>
/// <param name="certifier">What proves; its checker has to agree, to old ones as well.</param>
/// <param name="hardware">The hardware.</param>
/// <param name="inputs">The images.</param>
/// <param name="epsilon">The budget.</param>
internal sealed class CellCertificates(
    CertificateFolder folder, ImageCertifier certifier,
    (string Profile, Simulation Simulation) hardware, StudyInputs inputs, Epsilon epsilon)
{
    private readonly int _levels = inputs.Settings.PixelLevels ?? 0;
    private readonly Lock _lock = new();
    private int _written, _proved;
    private string? _whyNot;

    /// <summary>An image that an earlier call proved; null where none did.</summary>
    public CertifiedImage? Find(int image)
    {
        if (folder.Find(hardware.Profile, epsilon, image) is not { } file
            || file.ProgramSha256 != certifier.ProgramSha256
            || (file.Image, file.PixelLevels) != (image, _levels)
            || file.Epsilon.Value != epsilon.Value
            || CertificateCheck.WhyNot(file, hardware.Simulation, inputs.Data.Test) is not null)
            return null;
        return new(Verdict.Proved) { Proof = file.Proof, IsFromBefore = true };
    }

    /// <summary>Writes what is new and proved, where the checker agrees.</summary>
    public void Keep(int image, CertifiedImage decided)
    {
        if (decided.Verdict != Verdict.Proved || decided.IsFromBefore) return;
        string? reason = certifier.WhyNotWritten(decided.Proof);
        if (reason is null)
            folder.Write(new()
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

    /// <summary>Why proofs have no certificate, and how many have; null where all do.</summary>
    public string? WhyNotAll() => _whyNot is null ? null
        : $"{_written} of {_proved} proofs have a certificate: {_whyNot}";
}

using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Certificates;
using QSim.Certificates.Bounds;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;
using QSim.Simulator;

namespace QSim.Runner.Commands;

/// <summary>One call of <c>qsim certify</c>: what is asked, and what came of it so far.</summary>
/// <param name="inputs">The network, its hardware, the images and the budgets.</param>
/// <param name="settings">How to decide.</param>
/// <param name="cache">Trained networks.</param>
/// <param name="folder">Where certificates are; null for nowhere.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class CertifyJob(
    StudyInputs inputs, CertifySettings settings, ContentCache cache, CertificateFolder? folder,
    CancellationToken cancellation)
{
    /// <summary>What is finished.</summary>
    public List<CertifiedCell> Cells { get; } = [];

    /// <summary>What could not be done, and why.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Trains, quantizes, certifies.</summary>
    public void Run(IProgressSink progress)
    {
        using HardwareList hardware = HardwareList.Train(inputs, cache, progress, cancellation);
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
            MostNodes = settings.Nodes ?? long.MaxValue,
            WritesProofs = folder is not null,
        };
        CertifiedCell? smaller = null;
        foreach (Epsilon epsilon in inputs.Settings.Epsilons)
            Cells.Add(smaller = Certify(certifier, hardware, epsilon, smaller, progress));
    }

    private CertifiedCell Certify(
        ImageCertifier certifier, (string Profile, Simulation Simulation) hardware,
        Epsilon epsilon, CertifiedCell? smaller, IProgressSink progress)
    {
        string what = $"{hardware.Profile} at {epsilon}";
        progress.Begin($"certify {what}");
        var certificates = folder is null ? null
            : new CellCertificates(folder, certifier, hardware, inputs, epsilon);
        CertifiedImage?[] decided = [];
        try
        {
            return CertifiedCell.Make(
                certifier, hardware, inputs.Data.Test, inputs.Settings.Budget(epsilon), smaller,
                new(settings.Threads, Report, cancellation)
                {
                    Known = i => certificates?.Find(i),
                    Keep = (i, image) => certificates?.Keep(i, image),
                });
        }
        catch (OperationCanceledException)
        {
            Notes.Add($"{what}: stopped, of {inputs.Data.Test.Count} images {So(decided)}");
            throw;
        }
        finally
        {
            foreach (string note in certificates?.Notes() ?? []) Notes.Add($"{what}: {note}");
        }

        void Report(double share, CertifiedImage?[] images)
        {
            decided = images;
            int before = images.Count(i => i?.IsFromBefore == true);
            progress.Report(share, before == 0 ? So(images) : $"{So(images)}; {before} before");
        }
    }

    private static string So(CertifiedImage?[] images) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count(images, Verdict.Proved)} proved, {Count(images, Verdict.Broken)} broken, "
            + $"{Count(images, Verdict.Undecided)} undecided");

    private static int Count(CertifiedImage?[] images, Verdict verdict) =>
        images.Count(i => i?.Verdict == verdict);
}

using QSim.Attacks.Evaluation;
using QSim.Certificates;
using QSim.Certificates.Bounds;
using QSim.Certificates.Checking;
using QSim.Runner.Data;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>Whether a written certificate proves what it says of an image.</summary>
internal static class CertificateCheck
{
    /// <summary>Why a certificate does not hold; null where it does.</summary>
    /// <param name="file">The certificate.</param>
    /// <param name="hardware">Hardware with the certificate's program.</param>
    /// <param name="images">The test images.</param>
    public static string? WhyNot(CertificateFile file, Simulation hardware, ImageSet images)
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

    /// <summary>Why a counterexample does not break its image; null where it does.</summary>
    /// <param name="file">The counterexample.</param>
    /// <param name="classOf">What hardware with its program decides on an image.</param>
    /// <param name="images">The test images.</param>
    public static string? WhyNot(
        CounterexampleFile file, Func<float[], int> classOf, ImageSet images)
    {
        if (file.Image < 0 || file.Image >= images.Count)
            return $"there is no test image {file.Image}";
        if (file.PixelLevels < 0)
            return $"there are no pixels of {file.PixelLevels} levels";
        ReadOnlySpan<float> image = images.Images(file.Image, 1);
        if (file.Adversarial.Length != image.Length)
            return $"it has {file.Adversarial.Length} pixels, not {image.Length}";
        var budget = new Budget(Norm.Linf, file.Epsilon)
        {
            PixelLevels = file.PixelLevels == 0 ? null : file.PixelLevels,
        };
        float[] snapped = [.. file.Adversarial];
        budget.Snap(image, snapped);
        if (!budget.Contains(image, file.Adversarial)
            || !snapped.AsSpan().SequenceEqual(file.Adversarial))
            return "its image is not allowed";
        return classOf(file.Adversarial) == images.Labels[file.Image]
            ? $"it is of class {images.Labels[file.Image]}, as the image is"
            : null;
    }
}

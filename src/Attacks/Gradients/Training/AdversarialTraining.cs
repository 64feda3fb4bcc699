using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Methods;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Gradients.Training;

/// <summary>
/// Training on the images that projected gradient descent makes of each batch on the network as it
/// is then (Madry et al., ICLR 2018), under L-infinity and within [0, 1].
/// </summary>
/// <param name="Epsilon">The budget.</param>
/// <param name="Steps">Steps of descent, from a uniform point of the budget.</param>
/// <param name="Step">Length of a step.</param>
internal sealed record AdversarialTraining(float Epsilon, int Steps, float Step)
{
    /// <summary>Turns images into adversarial ones.</summary>
    /// <param name="model">
    /// The network; with quantizers in it, gradients go straight through them.
    /// </param>
    /// <param name="images">Changed.</param>
    /// <param name="labels">One class per image.</param>
    /// <param name="names">One number per image, which with the others keys its start.</param>
    /// <param name="seed">Key of the starts.</param>
    /// <param name="epoch">Epoch, from 1 on; 0 for images held out.</param>
    public void Perturb(
        IGradientModel model, Span<float> images, ReadOnlySpan<int> labels, ReadOnlySpan<int> names,
        ulong seed, int epoch)
    {
        int length = model.Input.Length, count = labels.Length;
        float[] clean = images.ToArray(), gradients = new float[images.Length];
        float[] losses = new float[count], logits = new float[Sizes.Elements(count, model.Classes)];
        for (int i = 0; i < count; i++)
        {
            var random = new KeyedRandom(
                seed, RandomPurpose.TrainingAttack, ((long)epoch << 32) | (uint)names[i]);
            foreach (ref float pixel in images.Slice(i * length, length))
                pixel += random.NextFloat(-Epsilon, Epsilon);
        }

        Project(clean, images);
        for (int step = 0; step < Steps; step++)
        {
            model.Gradients(images, labels, CrossEntropyLoss.Instance, gradients, losses, logits);
            Ascent.Step(Norm.Linf, gradients, Step, images);
            Project(clean, images);
        }
    }

    private void Project(ReadOnlySpan<float> clean, Span<float> images)
    {
        for (int i = 0; i < images.Length; i++)
        {
            float low = MathF.Max(clean[i] - Epsilon, 0), high = MathF.Min(clean[i] + Epsilon, 1);
            images[i] = MathF.Min(MathF.Max(images[i], low), high);
        }
    }
}

using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary>
/// Gradients of the rescaled cross-entropy at a run's current images, of the source itself or of
/// another model while the source decides.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="model">The model; null for the source.</param>
internal sealed class ModelGradients(AttackRun run, IGradientModel? model)
{
    private static readonly ILoss Loss = RescaledCrossEntropyLoss.Instance;

    private readonly float[] _images =
        model is null ? [] : new float[Sizes.Elements(run.Count, run.ImageLength)];
    private readonly float[] _gradients =
        model is null ? [] : new float[Sizes.Elements(run.Count, run.ImageLength)];
    private readonly int[] _at = new int[run.Count];

    /// <summary>Asks the source, and differentiates.</summary>
    public void Ask()
    {
        if (model is null)
        {
            run.Gradients(Loss);
            return;
        }

        run.Query();
        int length = run.ImageLength, count = run.Active.Count;
        if (count == 0) return;
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            int slot = run.Active[i];
            (_at[slot], labels[i]) = (i, run.Label(slot));
            run.Current(slot).CopyTo(_images.AsSpan(i * length));
            run.ChargeGradient(slot);
        }

        model.Gradients(
            _images.AsSpan(0, count * length), labels, Loss, _gradients.AsSpan(0, count * length),
            new float[count], new float[Sizes.Elements(count, model.Classes)]);
    }

    /// <summary>The gradient of a slot that is still active.</summary>
    public ReadOnlySpan<float> Of(int slot) => model is null
        ? run.Gradient(slot)
        : _gradients.AsSpan(_at[slot] * run.ImageLength, run.ImageLength);
}

using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Tests.Gradients;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>What one gradient step gives, in arrays that are kept from step to step.</summary>
internal sealed class StepAnswer(FloatNetwork network, int count)
{
    private readonly long[] _indices = [.. Enumerable.Range(0, count)];

    public int[] Labels { get; } = TestNetworks.Labels(network, count);

    public float[] Gradients { get; } = new float[count * network.Input.Length];

    public float[] Losses { get; } = new float[count];

    public float[] Logits { get; } = new float[count * network.Classes];

    public int[] Classes { get; } = new int[count];

    public IEnumerable<float> All =>
        [.. Gradients, .. Losses, .. Logits, .. Classes.Select(c => (float)c)];

    public void Ask(HardwareClassifier target, float[] images) => target.Differentiate(
        images, _indices, Labels, CrossEntropyLoss.Instance, new()
        {
            Gradients = Gradients,
            Losses = Losses,
            Logits = Logits,
            Classes = Classes,
        });
}

using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients;

/// <summary>What every engine asks of the arrays that it is given.</summary>
internal static class Lengths
{
    /// <summary>An array is as long as it has to be.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void Require(int length, long needed, string what)
    {
        if (length != needed)
            throw new ArgumentException($"{what}: {length} values where {needed} are needed");
    }

    /// <summary>Images, losses and logits are those of as many labels.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static void RequireBatch(
        IGradientModel model, ReadOnlySpan<float> images, ReadOnlySpan<int> labels,
        ReadOnlySpan<float> losses, ReadOnlySpan<float> logits)
    {
        Require(images.Length, (long)labels.Length * model.Input.Length, "images");
        Require(losses.Length, labels.Length, "losses");
        Require(logits.Length, (long)labels.Length * model.Classes, "logits");
    }

    /// <summary>Activations are those of so many images.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static void RequireActivations(
        FloatNetwork network, IActivations activations, int images)
    {
        for (int i = 0; i < activations.Tensors.Count; i++)
        {
            int tensor = activations.Tensors[i], count = activations.Count(tensor);
            long needed = (long)images * network.Shape(tensor).Length;
            if (count != needed) Require(count, needed, $"tensor {tensor}");
        }
    }
}

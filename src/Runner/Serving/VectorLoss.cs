using System.Numerics.Tensors;
using QSim.Attacks.Gradients;

namespace QSim.Runner.Serving;

/// <summary>
/// A loss whose gradient by the logits the client sent, so that the gradient by the image is its
/// product with the Jacobian: effectively <c>loss = sum of vector * logits</c>. An image's "label"
/// is its place in the request.
/// </summary>
/// <param name="vectors">[image][class].</param>
internal sealed class VectorLoss(float[] vectors) : ILoss
{
    /// <inheritdoc/>
    public string Name => "vector";

    /// <inheritdoc/>
    public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        ReadOnlySpan<float> vector = vectors.AsSpan(label * logits.Length, logits.Length);
        vector.CopyTo(gradient);
        return TensorPrimitives.Dot(vector, logits);
    }
}

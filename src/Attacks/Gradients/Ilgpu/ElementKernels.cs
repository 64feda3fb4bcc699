using ILGPU;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>Where the values of one tensor lie among those of another.</summary>
/// <param name="Length">Values of a block that are copied, lanes included.</param>
/// <param name="FromBlock">Values of a block where they come from.</param>
/// <param name="FromFirst">The first of them there.</param>
/// <param name="ToBlock">Values of a block where they go.</param>
/// <param name="ToFirst">The first of them there.</param>
internal readonly record struct CopyShape(
    int Length, int FromBlock, int FromFirst, int ToBlock, int ToFirst);

/// <summary>Layers whose outputs each depend on one input, or on one of each tensor.</summary>
internal static class ElementKernels
{
    /// <summary>Copies part of a tensor: joins, and their gradients.</summary>
    public static void Copy(
        Index1D index, ArrayView<float> from, Target target, CopyShape shape, Ending ending)
    {
        int block = index / shape.Length, value = index % shape.Length;
        target.Store(
            (block * shape.ToBlock) + shape.ToFirst + value,
            from[(block * shape.FromBlock) + shape.FromFirst + value], ending);
    }

    /// <summary>Sum of two tensors.</summary>
    public static void Add(
        Index1D index, ArrayView<float> a, ArrayView<float> b, Target target, Ending ending) =>
        target.Store(index, a[index] + b[index], ending);

    /// <summary><c>scale * x + shift</c> by channel.</summary>
    /// <param name="index">Of the value.</param>
    /// <param name="from">The input.</param>
    /// <param name="scale">One per channel.</param>
    /// <param name="shift">One per channel.</param>
    /// <param name="target">Filled.</param>
    /// <param name="positions">Values of a channel.</param>
    /// <param name="ending">What becomes of the value.</param>
    public static void Scale(
        Index1D index, ArrayView<float> from, ArrayView<float> scale, ArrayView<float> shift,
        Target target, int positions, Ending ending)
    {
        int channel = index / (positions * ImageBlocks.Lanes) % (int)scale.Length;
        target.Store(index, (scale[channel] * from[index]) + shift[channel], ending);
    }

    /// <summary>max(x, 0).</summary>
    public static void Relu(Index1D index, ArrayView<float> from, ArrayView<float> to) =>
        to[index] = IntrinsicMath.Max(from[index], 0);

    /// <summary>The gradient passes where a value is above 0.</summary>
    /// <param name="index">Of the value.</param>
    /// <param name="value">The ReLU's output, or what a quantizer lets pass.</param>
    /// <param name="gradient">The gradient of the output.</param>
    /// <param name="target">The input's gradient; may be the same memory.</param>
    /// <param name="ending">What becomes of it.</param>
    public static void Pass(
        Index1D index, ArrayView<float> value, ArrayView<float> gradient, Target target,
        Ending ending) =>
        target.Store(index, value[index] > 0 ? gradient[index] : 0, ending);
}

using System.Runtime.Intrinsics;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// Values with a scale found in each image, with the straight-through gradient: no value lies
/// outside of the scale's range.
/// </summary>
/// <remarks>
/// Needs a workspace of this network, whose tensors Workspace makes as long as their shapes
/// say.
/// </remarks>
internal sealed unsafe class DynamicQuantizeKernel(FloatNetwork network, int index)
    : LayerKernel(network, index)
{
    private readonly int _length = network.Shape(index + 1).Length * ImageLanes.Count;

    public override void Forward(Workspace work)
    {
        for (int lane = 0; lane < ImageLanes.Count; lane += Vector256<float>.Count)
            Forward(work.Values[Input] + lane, work.Values[Output] + lane);
    }

    /// <summary>As <see cref="DynamicQuantizeLayer.Nearest"/>, some images at a time.</summary>
    private void Forward(float* x, float* y)
    {
        Vector256<float> least = default, largest = default, step = default, low = default;
        for (int i = 0; i < _length; i += ImageLanes.Count)
        {
            var value = Vector256.Load(x + i);
            (least, largest) = (Vector256.Min(least, value), Vector256.Max(largest, value));
        }

        for (int lane = 0; lane < Vector256<float>.Count; lane++)
        {
            (float one, int zero) = DynamicQuantizeLayer.Scale(least[lane], largest[lane]);
            step = step.WithElement(lane, one);
            low = low.WithElement(lane, -zero);
        }

        Vector256<float> high = low + Vector256.Create((float)byte.MaxValue);
        for (int i = 0; i < _length; i += ImageLanes.Count)
        {
            var value = Vector256.Load(x + i);
            Vector256<float> whole = Vector256.Round(value / step);
            Vector256<float> nearest = step * Vector256.Min(Vector256.Max(whole, low), high);
            Vector256.ConditionalSelect(Vector256.IsZero(step), value, nearest).Store(y + i);
        }
    }

    public override void Backward(Workspace work)
    {
        float* dy = work.Gradients[Output], dx = work.Gradients[Input];
        for (int i = 0; i < _length; i++) dx[i] = (Adds[0] ? dx[i] : 0) + dy[i];
    }
}

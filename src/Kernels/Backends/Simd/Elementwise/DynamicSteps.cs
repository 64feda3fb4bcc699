using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>Both ends of a tensor of float32 numbers, image by image.</summary>
internal sealed unsafe class RangeStep(RangeLayer layer, StepPlace place) : Step
{
    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        Door.Needs(place.Output.Length == 2);
        int length = place.Inputs[0].Length;
        for (int image = 0; image < block.Images; image++, from += length, to += 2)
        {
            // Integers that stand for numbers have their order, and 0 is always in range.
            long least = 0, largest = 0;
            for (int i = 0; i < length; i++)
            {
                least = Math.Min(least, from[i]);
                largest = Math.Max(largest, from[i]);
            }

            (to[0], to[1]) = (least, largest);
        }
    }
}

/// <summary>
/// float32 numbers to 8 bits in the processor's own float32, which rounds a quotient as
/// <see cref="Binary32"/> does; scales that it cannot hold go the slow way. Counts no events.
/// </summary>
internal sealed unsafe class DynamicQuantizeStep(DynamicQuantizeLayer layer, StepPlace place)
    : Step
{
    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* range = workspace.Tensor<long>(layer.Inputs[1], block.Images);
        short* to = workspace.Tensor<short>(place.OutputTensor, block.Images);
        int length = place.Output.Length;
        Door.Needs(place.Inputs[0].Length == length && place.Inputs[1].Length == 2);
        for (int image = 0; image < block.Images; image++, range += 2)
        {
            var scale = DynamicScale.Of(range[0], range[1]);
            float step = DynamicNumbers.Normal(scale.Step);
            (int low, int high) = (-scale.Zero, byte.MaxValue - scale.Zero);
            var ignored = ConversionEvents.None;
            for (int i = 0; i < length; i++)
                to[i] = step == 0
                    ? (short)scale.Quantize(from[i], ref ignored)
                    : (short)Math.Clamp(
                        (int)MathF.Round(OrderedFloat.Value(from[i]) / step), low, high);
            from += length;
            to += length;
        }
    }
}

/// <summary>
/// Sums as float32 numbers in the processor's own float32; what leaves the normal numbers goes the
/// slow way.
/// </summary>
internal sealed unsafe class DynamicRescaleStep(DynamicRescaleLayer layer, StepPlace place) : Step
{
    private readonly float[] _bias = [.. layer.Bias.Select(b => OrderedFloat.Value(b))];

    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* range = workspace.Tensor<long>(layer.Inputs[1], block.Images);
        long* other = layer.Inputs.Length > 2
            ? workspace.Tensor<long>(layer.Inputs[2], block.Images)
            : null;
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        int channels = place.Shape.Channels, length = place.Output.Length;
        Door.Needs(place.Inputs[0].Length == length
            && place.Inputs.Skip(1).All(i => i.Length == 2));
        Span<float> steps = channels <= 256 ? stackalloc float[channels] : new float[channels];
        for (int image = 0; image < block.Images; image++, range += 2, from += length, to += length)
        {
            var scale = DynamicScale.Of(range[0], range[1]);
            if (other is not null)
            {
                scale = scale.Times(DynamicScale.Of(other[0], other[1]));
                other += 2;
            }

            for (int c = 0; c < channels; c++)
                steps[c] = DynamicNumbers.Normal(Binary32.Multiply(
                    scale.Step, OrderedFloat.Number(layer.WeightSteps[c])));
            for (int i = 0, c = 0; i < length; i++, c = c + 1 == channels ? 0 : c + 1)
            {
                float product = from[i] * steps[c], sum = product + _bias[c];
                to[i] = (DynamicNumbers.IsSure(product) || from[i] == 0)
                    && DynamicNumbers.IsSure(sum)
                    ? OrderedFloat.Of(sum)
                    : scale.Rescale(from[i], layer.WeightSteps[c], layer.Bias[c]);
            }
        }
    }
}

/// <summary>The sum of two tensors of float32 numbers.</summary>
internal sealed unsafe class FloatAddStep(FloatAddLayer layer, StepPlace place) : Step
{
    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* first = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* second = workspace.Tensor<long>(layer.Inputs[1], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        Door.Needs(place.Inputs.All(i => i.Length == place.Output.Length));
        long count = (long)block.Images * place.Output.Length;
        for (long i = 0; i < count; i++)
        {
            if (first[i] == 0 || second[i] == 0)
            {
                // Zero is the integer 0, and the other number stays as it is, however small.
                to[i] = first[i] + second[i];
                continue;
            }

            float sum = OrderedFloat.Value(first[i]) + OrderedFloat.Value(second[i]);
            to[i] = DynamicNumbers.IsSure(sum)
                ? OrderedFloat.Of(sum)
                : FloatAddLayer.Sum(first[i], second[i]);
        }
    }
}

/// <summary>Where the processor's float32 and <see cref="Binary32"/> cannot differ.</summary>
internal static class DynamicNumbers
{
    /// <summary>The least magnitude that is sure.</summary>
    public const float LeastSure = 2 * 1.17549435e-38f;

    /// <summary>
    /// Whether a result is neither infinite nor near the numbers with fewer bits, which one has and
    /// the other has not.
    /// </summary>
    public static bool IsSure(float result) =>
        MathF.Abs(result) is >= LeastSure and < float.MaxValue;

    /// <summary>The number as a float; 0 where it is none that is sure.</summary>
    public static float Normal(Binary32 number)
    {
        float value = OrderedFloat.Value(OrderedFloat.Of(number));
        return IsSure(value) ? value : 0;
    }
}

using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Memory;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>
/// A softmax over each image's float32 numbers, in the processor's own: every exponential once.
/// </summary>
internal sealed unsafe class FloatSoftmaxStep(FloatSoftmaxLayer layer, StepPlace place) : Step
{
    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* from = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        int count = layer.Output.Shape.Length;
        Door.Needs(place.Inputs[0].Length == count && place.Output.Length == count);
        for (int image = 0; image < block.Images; image++, from += count, to += count)
        {
            // The result's place holds the exponentials' bits until their sum is known.
            float scale = 1 / Sum(from, to, count);
            FloatSoftmaxRow? slow = null;
            for (int i = 0; i < count; i++)
            {
                float share = BitConverter.Int32BitsToSingle((int)to[i]) * scale;
                to[i] = DynamicNumbers.IsSure(share)
                    ? OrderedFloat.Of(share)
                    : (slow ??= FloatSoftmax.Of(new Numbers(from), count)).Share(from[i]);
            }
        }
    }

    /// <summary>The exponentials, as bits, and their sum in ONNX Runtime's lanes.</summary>
    private static float Sum(long* from, long* exponentials, int count)
    {
        long largest = from[0];
        for (int i = 1; i < count; i++) largest = Math.Max(largest, from[i]);
        float most = OrderedFloat.Value(largest);
        Span<float> lanes = stackalloc float[FloatSoftmax.Lanes];
        for (int i = 0; i < count; i++)
        {
            float e = FloatSoftmax.FastExponential(OrderedFloat.Value(from[i]), most);
            exponentials[i] = BitConverter.SingleToInt32Bits(e);

            // The order of additions is the result: every eighth number joins one sum.
            lanes[i % FloatSoftmax.Lanes] += e;
        }

        return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
            + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    }

    private readonly struct Numbers(long* first) : IFloatPlane
    {
        public long At(int place) => first[place];
    }
}

/// <summary>
/// Sums of products of float32 numbers, in the processor's own. Where some sum was not sure, it is
/// summed again the slow way.
/// </summary>
internal sealed unsafe class FloatProductSumStep(FloatProductSumLayer layer, StepPlace place)
    : Step
{
    public override void Run(Workspace workspace, ImageBlock block)
    {
        long* first = workspace.Tensor<long>(layer.Inputs[0], block.Images);
        long* second = workspace.Tensor<long>(layer.Inputs[1], block.Images);
        long* to = workspace.Tensor<long>(place.OutputTensor, block.Images);
        FloatProductSum sum = layer.Sum;
        Door.Needs(place.Inputs.All(i => i.Length == place.Output.Length * sum.Depth));
        long count = (long)block.Images * place.Output.Length;
        int channels = layer.Output.Shape.Channels, positions = layer.Output.Shape.Positions;
        float[] a = new float[sum.Depth], b = new float[sum.Depth];

        // Channels lie innermost: what one sum reads lies together.
        for (long i = 0; i < count; i++, first += sum.Depth, second += sum.Depth)
        {
            int output = (int)(i / channels % positions);
            float value = sum.Order switch
            {
                FloatProductOrder.Fused => Sum(sum, first, second),
                FloatProductOrder.Fours => FloatProducts.InFours(
                    Floats(first, a), Floats(second, b), 0, 1, 0),
                FloatProductOrder.Lanes => FloatProducts.InLanes(
                    Floats(first, a), Floats(second, b), 0, 1,
                    FloatProductSum.Ending(output, positions), 0),
            };
            to[i] = float.IsNaN(value)
                ? sum.At(new Numbers(first), new Numbers(second), output, positions)
                : OrderedFloat.Of(value);
        }
    }

    private static float[] Floats(long* numbers, float[] floats)
    {
        for (int i = 0; i < floats.Length; i++) floats[i] = OrderedFloat.Value(numbers[i]);
        return floats;
    }

    /// <summary>The sum, or NaN.</summary>
    private static float Sum(FloatProductSum how, long* first, long* second)
    {
        float all = 0, factor = OrderedFloat.Value(how.Factor);
        bool isUnsure = false;
        for (int i = 0; i < how.Depth;)
        {
            float part = 0;
            for (int end = Math.Min(i + how.Together, how.Depth); i < end; i++)
            {
                if (first[i] == 0 || second[i] == 0) continue;
                part = MathF.FusedMultiplyAdd(
                    OrderedFloat.Value(first[i]), OrderedFloat.Value(second[i]), part);
                isUnsure |= !DynamicNumbers.IsSure(part);
            }

            if (part == 0) continue;
            all = MathF.FusedMultiplyAdd(part, factor, all);
            isUnsure |= !DynamicNumbers.IsSure(all);
        }

        return isUnsure ? float.NaN : all;
    }

    private readonly struct Numbers(long* first) : IFloatPlane
    {
        public long At(int place) => first[place];
    }
}

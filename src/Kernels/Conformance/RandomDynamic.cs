using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>Programs of float32 numbers and of scales that depend on the image.</summary>
internal static class RandomDynamic
{
    /// <summary>One seed of so many makes such a program.</summary>
    public const int Every = 12;

    /// <summary>Some blocks: what moves numbers, then a layer with a scale of its own.</summary>
    public static QuantizedProgram Program(int seed, Choices choose)
    {
        var input = TensorType.Float32(
            new(choose.Between(1, 5), choose.Between(1, 6), choose.Between(1, 5)));
        List<ProgramLayer> layers = [];
        int last = 0;
        TensorType type = input;
        for (int block = choose.Between(1, 2); block > 0; block--)
        {
            if (choose.Chance(0.5)) Add(Moving(choose, $"layer{layers.Count}", last, type));
            if (choose.Chance(0.3)) AddIntegers();
            for (int more = choose.Between(0, 2); more > 0; more--)
                Add(Computing(choose, $"layer{layers.Count}", last, Alike(), type));
            int from = last;
            TensorType numbers = type;
            Add(new RangeLayer(
                $"layer{layers.Count}", [from], TensorType.Float32(RangeLayer.Shape)));
            int range = last;
            Add(new DynamicQuantizeLayer(
                $"layer{layers.Count}", [from, range],
                new(numbers.Shape, DynamicQuantizeLayer.Bits, true, 1)));
            if (choose.Chance(0.7)) Add(Sums(choose, $"layer{layers.Count}", last, type));
            Add(Rescale(
                choose, $"layer{layers.Count}",
                choose.Chance(0.3) ? [last, range, range] : [last, range], type.Shape));
            if (type.Shape == numbers.Shape || choose.Chance(0.3))
                Add(new FloatAddLayer(
                    $"layer{layers.Count}", [last, type.Shape == numbers.Shape ? from : last],
                    type));
        }

        if (choose.Chance(0.5)) Add(RandomFloatMac.Of(choose, $"layer{layers.Count}", last, type));
        if (choose.Chance(0.3))
            Add(RandomResize.OfNumbers(choose, $"layer{layers.Count}", last, type));
        if (choose.Chance(0.6)) Add(ProductSum(choose, $"layer{layers.Count}", last, type));
        if (choose.Chance(0.4))
        {
            if (type.Shape.Positions > 1)
                Add(ProgramGenerator.Reshape($"layer{layers.Count}", last, type));
            Add(new FloatSoftmaxLayer($"layer{layers.Count}", [last], type));
        }

        return new($"seed {seed}", ProgramGenerator.Stage(input), [.. layers]);

        // A tensor of the same shape, perhaps the very same.
        int Alike() => choose.Of([.. Enumerable.Range(0, layers.Count + 1).Where(
            t => (t == 0 ? input : layers[t - 1].Output) == type)]);

        void AddIntegers()
        {
            TensorType raw = choose.Type(type.Shape) with
            {
                Bits = choose.Between(2, FloatQuantizeLayer.MostBits),
            };
            raw = raw with { ZeroPoint = (int)choose.Raw(raw.MinRaw, raw.MaxRaw) };
            var scale = new FloatScale(
                OrderedFloat.Of(choose.Chance(0.1) ? 1e-37f : choose.Real(0.001f, 0.3f)),
                raw.ZeroPoint);
            Add(new FloatQuantizeLayer($"layer{layers.Count}", [last], raw, scale));
            Add(new FloatDequantizeLayer(
                $"layer{layers.Count}", [last], TensorType.Float32(raw.Shape), scale));
        }

        void Add(ProgramLayer layer)
        {
            layers.Add(layer);
            (last, type) = (layers.Count, layer.Output);
        }
    }

    /// <summary>Finite numbers, mostly of like size, with ends and zeros among them.</summary>
    public static long[] Inputs(Choices choose, int count)
    {
        double far = choose.Chance(0.8) ? 0.02 : 0.5;
        return
        [
            .. Enumerable.Range(0, count).Select(_ => choose.Chance(far)
                ? choose.Raw(-OrderedFloat.Largest, OrderedFloat.Largest)
                : OrderedFloat.Of(choose.Real(-3, 3))),
        ];
    }

    private static ProgramLayer Moving(
        Choices choose, string name, int tensor, TensorType input) => choose.Between(0, 2) switch
        {
            0 => ProgramGenerator.Reshape(name, tensor, input),
            1 => ProgramGenerator.Clamp(choose, name, tensor, input),
            _ => ProgramGenerator.MaxPool(choose, name, tensor, input),
        };

    private static ProgramLayer Computing(
        Choices choose, string name, int tensor, int other, TensorType input)
    {
        switch (choose.Between(0, 6))
        {
            case 0:
                return new FloatMultiplyLayer(name, [tensor, other], input);
            case 6:
                return new FloatDivideLayer(name, [tensor, other], input);
            case 1:
                return new FloatPointLayer(
                    name, [tensor], input, choose.OfEnum<FloatFunction>(),
                    OrderedFloat.Of(choose.Real(0.01f, 1)), OrderedFloat.Of(choose.Real(-1, 1)));
            case 2:
                return Affine(choose, name, tensor, input);
            case 4:
                return Norm(choose, name, tensor, input);
            case 3:
                FloatSum order = choose.Of(FloatSum.Lanes, FloatSum.Aligned);
                return new FloatAverageLayer(
                    name, [tensor], TensorType.Float32(new(input.Shape.Channels, 1, 1)),
                    input.Shape, new(input.Shape.Rows, input.Shape.Columns), order);
            default:
                WindowGeometry window = RandomWindow.ForPool(choose, input.Shape);
                return new FloatAverageLayer(
                    name, [tensor],
                    TensorType.Float32(new(
                        input.Shape.Channels, window.OutputRows(input.Shape.Rows),
                        window.OutputColumns(input.Shape.Columns))),
                    input.Shape, window, choose.Of(
                        FloatSum.Rows, FloatSum.Columns, FloatSum.Fours));
        }
    }

    private static FloatNormLayer Norm(
        Choices choose, string name, int tensor, TensorType input)
    {
        ImmutableArray<int> Numbers(float low, float high) =>
        [
            .. Enumerable.Range(0, input.Shape.Positions).Select(
                _ => OrderedFloat.Of(choose.Real(low, high))),
        ];
        bool hasNone = choose.Chance(0.3);
        return new(
            name, [tensor], input, Numbers(-2, 2), hasNone ? Numbers(0, 0) : Numbers(-1, 1),
            new(choose.OfEnum<FloatNormSum>(), OrderedFloat.Of(choose.Of(1e-5f, 1e-12f, 1e-30f))));
    }

    private static FloatProductSumLayer ProductSum(
        Choices choose, string name, int tensor, TensorType input)
    {
        int channels = input.Shape.Channels;
        int groups = choose.Of([.. Enumerable.Range(1, channels).Where(g => channels % g == 0)]);
        return new(
            name, [tensor, tensor], TensorType.Float32(input.Shape with { Channels = groups }),
            choose.Chance(0.5)
                ? new(channels / groups, choose.Between(1, 4), OrderedFloat.Of(choose.Real(-2, 2)))
                : new(
                    channels / groups, 1, OrderedFloat.Of(1f),
                    choose.OfEnum<FloatProductOrder>()));
    }

    private static FloatAffineLayer Affine(
        Choices choose, string name, int tensor, TensorType input)
    {
        ImmutableArray<int> Numbers(float low, float usual, double chance) =>
        [
            .. Enumerable.Range(0, input.Shape.Channels).Select(_ => OrderedFloat.Of(
                choose.Chance(chance) ? choose.Real(low, 2) : usual)),
        ];
        var scaling = choose.OfEnum<FloatScaling>();
        return new(
            name, [tensor], input, scaling,
            Numbers(scaling == FloatScaling.Product ? -2 : 0.01f, 1, 0.7), Numbers(-2, 0, 0.6));
    }

    /// <summary>Sums as they are, whatever the accumulator does to them.</summary>
    private static MacLayer Sums(Choices choose, string name, int tensor, TensorType input)
    {
        MacLayer mac = RandomMac.Convolution(choose, name, tensor, input);
        TensorType output = mac.Output with { Bits = 32, IsSigned = true, ZeroPoint = 0 };
        return mac with
        {
            Output = output,
            Requantization =
            [
                .. mac.Requantization.Select(_ => Requantizations.Of(choose, 20, output)),
            ],
        };
    }

    private static DynamicRescaleLayer Rescale(
        Choices choose, string name, int[] inputs, TensorShape shape) => new(
            name, [.. inputs], TensorType.Float32(shape),
            [.. Enumerable.Range(0, shape.Channels).Select(_ =>
                OrderedFloat.Of(choose.Real(0.0001f, 0.1f)))],
            [.. Enumerable.Range(0, shape.Channels).Select(_ =>
                choose.Chance(0.3) ? 0 : OrderedFloat.Of(choose.Real(-2, 2)))]);
}

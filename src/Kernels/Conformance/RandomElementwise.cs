using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>Layers without weights.</summary>
internal static class RandomElementwise
{
    /// <summary>A function by table.</summary>
    public static LookupLayer Lookup(Choices choose, string name, int tensor, TensorType input)
    {
        TensorType output = choose.Type(input.Shape);
        int length = choose.Between(1, 300);
        var index = new TableIndex(
            input.ZeroPoint, choose.Between(1, 40), choose.Between(-50, 50), choose.Between(1, 40),
            choose.Of([.. Enum.GetValues<RoundingMode>().Where(m => m != RoundingMode.Stochastic)]),
            choose.Between(-2, length));
        return new(
            name, [tensor], output, input, index,
            [.. Enumerable.Range(0, length).Select(_ => choose.Between(-5000, 5000))],
            choose.Conversion(output.Bits, output.IsSigned, choose.Between(-1, 8)));
    }

    /// <summary>A softmax by tables, of either kind.</summary>
    public static SoftmaxLayer Softmax(Choices choose, string name, int tensor, TensorType input)
    {
        TensorType output = choose.Type(input.Shape);
        SoftmaxKind kind = choose.Chance(0.25)
            ? choose.Of(
                SoftmaxKind.Division, SoftmaxKind.Float32, SoftmaxKind.Gemmlowp,
                SoftmaxKind.Litert)
            : choose.Of(SoftmaxKind.Latency, SoftmaxKind.Stable);
        if (kind > SoftmaxKind.Stable)
            return Dividing(choose, new(name, [tensor], output, input, kind, [], [])
            {
                Exponential = default,
                Sum = default,
                InverseInput = default,
                Product = choose.Conversion(output.Bits, output.IsSigned, 0),
            });
        ConversionSpec difference = choose.Conversion(
            choose.Between(2, 10), choose.Chance(0.5), choose.Between(-1, 2));
        ConversionSpec inverse = choose.Conversion(
            choose.Between(2, 12), choose.Chance(0.5), choose.Between(0, 3));
        int expBits = choose.Between(1, kind == SoftmaxKind.Stable ? difference.Bits : input.Bits);
        ConversionSpec sum = choose.Conversion(choose.Between(8, 16), choose.Chance(0.5), 0);
        return new SoftmaxLayer(
            name, [tensor], output, input, kind,
            [.. Enumerable.Range(0, 1 << expBits).Select(_ => choose.Between(0, 2000))],
            [
                .. Enumerable
                    .Range(0, 1 << choose.Between(1, inverse.Bits))
                    .Select(_ => choose.Between(-100, 2000)),
            ]
        )
        {
            Difference = kind == SoftmaxKind.Stable ? difference : default,
            Exponential = choose.Conversion(sum.Bits, sum.IsSigned, choose.Between(-1, 2)),
            Sum = sum,
            InverseInput = inverse,
            Product = choose.Conversion(output.Bits, output.IsSigned, choose.Between(4, 16)),
        };
    }

    private static SoftmaxLayer Dividing(Choices choose, SoftmaxLayer layer)
    {
        int bits = layer.Kind == SoftmaxKind.Gemmlowp ? 31 : choose.Between(4, 23);
        double slope = choose.Real(0.001f, 0.3f);
        return layer with
        {
            ExpTable = [.. Enumerable.Range(0, 1 << layer.Input.Bits).Select(Entry)],
            Factor = 1L << choose.Between(1, 20),
        };

        int Entry(int difference)
        {
            double value = Math.Exp(-slope * difference);
            return layer.Kind is SoftmaxKind.Float32 or SoftmaxKind.Litert
                ? BitConverter.SingleToInt32Bits((float)value)
                : (int)Math.Round(((1L << bits) - 1) * value);
        }
    }

    /// <summary>A sum of tensors of one shape.</summary>
    public static AddLayer Add(
        Choices choose, string name, int[] tensors, Func<int, TensorType> type, TensorShape shape)
    {
        TensorType output = choose.Type(shape);
        InputScaling[] operands = [.. tensors.Select(t => Scaling(choose, type(t)))];
        Requantization last = Requantizations.Of(choose, 28, output);
        var sum = new AddLayer(name, [.. tensors], output, [.. operands], last);
        if (tensors.Length != 2 || choose.Chance(0.7)) return sum;
        return sum with
        {
            Requantization = last with
            {
                Kind = RequantizationKind.Shift,
                Output = last.Output with { Shift = 0 },
                ZeroPoint = 0,
            },
            Real = new(1, Scale(0.01f, 4), Scale(0.01f, 4), Scale(-300, 300)),
        };

        Binary32 Scale(float low, float high) => Binary32.Of(choose.Real(low, high));
    }

    /// <summary>Tensors one after the other along the channels.</summary>
    public static ConcatLayer Concat(
        Choices choose, string name, int[] tensors, Func<int, TensorType> type)
    {
        TensorShape first = type(tensors[0]).Shape;
        TensorType output = choose.Type(
            first with
            {
                Channels = tensors.Sum(t => type(t).Shape.Channels),
            }
        );
        return new(
            name,
            [.. tensors],
            output,
            [
                .. tensors.Select(t => new ConcatPart(
                    Scaling(choose, type(t)), Requantizations.Of(choose, 28, output))),
            ]
        );
    }

    /// <summary>Values moved, repeated or left out, and some zero points.</summary>
    public static RearrangeLayer Rearrange(
        Choices choose, string name, int tensor, TensorType input)
    {
        TensorShape shape = new(
            choose.Between(1, 6), choose.Between(1, 5), choose.Between(1, 5));
        return new(
            name, [tensor], input with { Shape = shape }, input,
            [
                .. Enumerable.Range(0, shape.Length)
                    .Select(_ => choose.Between(-1, input.Shape.Length - 1)),
            ]);
    }

    /// <summary>A layer of two tensors of one shape, or of one twice, value by value.</summary>
    public static ProgramLayer Pair(
        Choices choose, string name, int[] tensors, Func<int, TensorType> type) =>
        Multiply(choose, name, tensors, type);

    private static MultiplyLayer Multiply(
        Choices choose, string name, int[] tensors, Func<int, TensorType> type)
    {
        (int first, int second) = (tensors[0], tensors[^1]);
        TensorType output = choose.Type(type(first).Shape);
        return new(
            name, [first, second], output, (type(first).ZeroPoint, type(second).ZeroPoint),
            Requantizations.Of(choose, type(first).Bits + type(second).Bits, output));
    }

    private static InputScaling Scaling(Choices choose, TensorType input)
    {
        if (choose.Chance(0.2))
        {
            long max = (1L << choose.Between(3, 20)) - 1;
            return new(input.ZeroPoint, 1)
            {
                Real = new(1, Binary32.Of(choose.Real(0.01f, 4)), -max - 1, max),
            };
        }

        return choose.Chance(0.5)
            ? new(input.ZeroPoint, 1L << choose.Between(0, 20))
            : new(
                input.ZeroPoint, 1 << 20, choose.Between(1 << 29, int.MaxValue),
                choose.Between(0, 6));
    }
}

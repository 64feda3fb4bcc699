using QSim.Kernels.Arithmetic;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Tests;

/// <summary>
/// Networks as somebody would build them, with one layer of each other kind between dense ones:
/// what joins two branches of a network, moves, averages or looks up values.
/// </summary>
internal static class TinyGraphs
{
    private const int Bits = 6;

    public static QuantizedProgram Program(int seed)
    {
        for (int attempt = 0; ; attempt++)
        {
            QuantizedProgram program = Attempt(seed, new Choices((seed * 131) + attempt));
            if (ProgramLimits.WhyNot(program) is null && !program.IsStochastic) return program;
        }
    }

    private static QuantizedProgram Attempt(int seed, Choices choose)
    {
        const int Inputs = 5, Width = 8;
        TensorType input = new(new(Inputs), 8, false, 1), type = new(new(Width), Bits, false, 1);
        List<ProgramLayer> layers =
        [
            TinyNetworks.Usual(choose, "one", 0, input, isLast: false) with { Output = type },
            TinyNetworks.Usual(choose, "two", 0, input, isLast: false) with { Output = type },
        ];
        for (int i = 0; i < 2; i++) layers[i] = Wide((MacLayer)layers[i], choose, Width);
        layers.AddRange(Between(choose, seed / 4 % 9, type));
        TensorType last = layers[^1].Output;
        layers.Add(TinyNetworks.Usual(choose, "logits", layers.Count, last, isLast: true));
        return new(
            $"graph, seed {seed}",
            new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [.. layers]);
    }

    /// <summary>The same layer with so many outputs of so many bits.</summary>
    private static MacLayer Wide(MacLayer layer, Choices choose, int width)
    {
        Requantization spec = layer.Requantization[0];
        spec = spec with
        {
            Output = ConversionSpec.Into(
                new(Bits, 0, false), Math.Max(0, spec.Output.Shift), spec.Output.Rounding,
                OverflowMode.Saturate),
        };
        return layer with
        {
            Weights = [.. Enumerable.Range(0, layer.Depth * width).Select(
                _ => choose.Between(-16, 15))],
            Bias = [.. Enumerable.Range(0, width).Select(_ => choose.Between(-600L, 600))],
            Requantization = [.. Enumerable.Repeat(spec, width)],
        };
    }

    private static IEnumerable<ProgramLayer> Between(Choices choose, int kind, TensorType type)
    {
        int width = type.Shape.Channels;
        switch (kind)
        {
            case 0:
                TensorType image = type with { Shape = new(2, 2, width / 4) };
                var window = new WindowGeometry(2, 1);
                TensorType pooled = image with { Shape = new(2, 1, width / 4) };
                return
                [
                    new ReshapeLayer("image", [2], image),
                    new AveragePoolLayer(
                        "average", [3], pooled, image, window,
                        new(choose.Of(RoundingMode.TowardNegative, RoundingMode.NearestTiesAway))),
                    new ReshapeLayer("flat", [4], pooled with { Shape = new(width / 2) }),
                ];
            case 1:
                return [new AddLayer("sum", [1, 2], type, [new(0, 1), new(0, 2)], Shift(1))];
            case 2:
                InputScaling scaled = new(0, 1 << 10, choose.Between(1 << 28, int.MaxValue), 1);
                return [new AddLayer("sum", [1, 2], type, [scaled, scaled], Shift(9))];
            case 3:
                return
                [
                    new AddLayer("sum", [1, 2], type, [new(0, 1), new(0, 1)], Shift(0))
                    {
                        Real = new(
                            1, Binary32.Of(choose.Real(0.1f, 0.9f)),
                            Binary32.Of(choose.Real(0.1f, 0.9f)), Binary32.Of(0.25f)),
                    },
                ];
            case 4:
                return [new MultiplyLayer("product", [1, 2], type, (0, 0), Shift(Bits - 1))];
            case 5:
                return
                [
                    new ConcatLayer(
                        "both", [1, 2], type with { Shape = new(2 * width) },
                        [new(new(0, 1), Shift(0)), new(new(3, 1), Shift(1))]),
                ];
            case 6:
                return [Sigmoid(type)];
            case 7:
                return
                [
                    new RearrangeLayer(
                        "moved", [1], type, type,
                        [.. Enumerable.Range(0, width).Select(i => i == 0 ? -1 : width - i)]),
                ];
            default:
                return [new ClampLayer("clamp", [2], type, 3, 40)];
        }
    }

    private static LookupLayer Sigmoid(TensorType type) => new(
        "table", [1], type, type,
        new TableIndex(0, 1, 0, 1, RoundingMode.TowardNegative, 0),
        [.. Enumerable.Range(0, 1 << Bits).Select(
            i => (int)(60 / (1 + Math.Exp((20 - i) / 6.0))))],
        ConversionSpec.Into(
            new(Bits, 0, false), 0, RoundingMode.TowardNegative, OverflowMode.Saturate));

    private static Requantization Shift(int shift) => new()
    {
        Kind = RequantizationKind.Shift,
        Output = ConversionSpec.Into(
            new(Bits, 0, false), shift, RoundingMode.NearestTiesAway, OverflowMode.Saturate),
        ClampMin = long.MinValue,
        ClampMax = long.MaxValue,
    };
}

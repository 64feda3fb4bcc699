using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>Convolutions of float32 numbers in every order.</summary>
internal static class RandomFloatMac
{
    /// <summary>A convolution over the given tensor, all geometries.</summary>
    public static FloatMacLayer Of(Choices choose, string name, int tensor, TensorType input)
    {
        WindowGeometry window = RandomWindow.Of(choose, input.Shape, groups: true);
        int channels = window.Groups * choose.Of(1, 2, 3, 9);
        int depth = window.Depth(input.Shape.Channels);
        var products = choose.OfEnum<FloatProductOrder>();
        return new(
            name, [tensor],
            TensorType.Float32(new(
                channels, window.OutputRows(input.Shape.Rows),
                window.OutputColumns(input.Shape.Columns))),
            input.Shape, window,
            [.. Enumerable.Range(0, channels * depth).Select(_ => Number(choose))],
            [.. Enumerable.Range(0, channels).Select(_ => Number(choose))],
            new(
                products, choose.Between(1, depth + 1),
                choose.Between(1, (input.Shape.Channels / window.Groups) + 1),
                choose.OfEnum<FloatBiasPlace>(), choose.OfEnum<FloatTapOrder>(),
                products == FloatProductOrder.Fused && choose.Chance(0.3)
                    ? OrderedFloat.Of(choose.Real(-2, 2))
                    : FloatMacOrder.One));
    }

    private static int Number(Choices choose) =>
        choose.Chance(0.2) ? 0
        : choose.Chance(0.03) ? (int)choose.Raw(-OrderedFloat.Largest, OrderedFloat.Largest)
        : OrderedFloat.Of(choose.Real(-1, 1));
}

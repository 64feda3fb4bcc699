using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>
/// Multiply-accumulate layers that reach every feature and overflow now and then.
/// </summary>
internal static class RandomMac
{
    /// <summary>A convolution over the given tensor, all geometries.</summary>
    public static MacLayer Convolution(Choices choose, string name, int tensor, TensorType input)
    {
        WindowGeometry window = RandomWindow.Of(choose, input.Shape, groups: true);
        int channels = window.Groups * choose.Between(1, 4);
        TensorShape shape = new(
            channels, window.OutputRows(input.Shape.Rows),
            window.OutputColumns(input.Shape.Columns));
        return Layer(choose, name, tensor, input, window, choose.Type(shape));
    }

    /// <summary>A dense layer with the given number of outputs.</summary>
    public static MacLayer Dense(
        Choices choose, string name, int tensor, TensorType input, int outputs) =>
        Layer(
            choose, name, tensor, input, new WindowGeometry(),
            choose.Type(new TensorShape(outputs)));

    private static MacLayer Layer(
        Choices choose, string name, int tensor, TensorType input, WindowGeometry window,
        TensorType output)
    {
        int weightBits = choose.Chance(0.8) ? choose.Between(2, 8) : choose.Between(1, 12);
        bool weightsSigned = choose.Chance(0.8);
        FixedFormat weight = new(weightBits, 0, weightsSigned);
        int depth = input.Shape.Channels / window.Groups * window.KernelRows * window.KernelColumns;
        int offset = choose.Chance(0.5) ? input.ZeroPoint : 0;
        int productBits = input.Bits + weightBits + (offset == 0 ? 0 : 1);
        MacSpec mac = Unit(choose, depth, productBits, offset);
        int outputs = output.Shape.Channels;
        Requantization shared = Requantizations.Of(choose, mac.Update.Bits, output);
        bool perChannel = choose.Chance(0.5);
        return new(
            name, [tensor], output, input, window,
            [.. Many(outputs * depth, () => (int)choose.Raw(weight.MinRaw, weight.MaxRaw))],
            weightBits, weightsSigned,
            [.. Many(outputs, () => choose.Raw(mac.Update.Min, mac.Update.Max))],
            mac,
            [
                .. Many(
                    outputs,
                    () => perChannel ? Requantizations.Of(choose, mac.Update.Bits, output) : shared
                ),
            ]
        );
    }

    private static MacSpec Unit(Choices choose, int depth, int productBits, int offset)
    {
        bool converts = choose.Chance(0.3);
        int product = converts ? choose.Between(2, productBits + 2) : productBits;
        int wide = product + int.Log2(depth) + 1;
        int accumulator = Math.Clamp(
            choose.Chance(0.3) ? wide + choose.Between(0, 4) : wide - choose.Between(0, 8), 2, 40);
        bool isSigned = choose.Chance(0.9);

        // The accumulator's binary point lies at, left or right of the product's.
        int finer = choose.Chance(0.5) ? 0 : choose.Between(-3, 3);
        return new MacSpec
        {
            ProductStage = converts ? ProductStage.Converted : ProductStage.Exact,
            Product = converts ? choose.Conversion(product, true, choose.Between(-1, 4)) : default,
            AccumulatorAlign = Math.Max(0, -finer),
            PartialAlign = Math.Max(0, finer),
            Update = choose.Conversion(accumulator, isSigned, Math.Max(0, -finer)),
            Lanes = choose.Of(0, 1, 1, 2, 3, 4, 7, 8, 16, 100),
            Order = choose.OfEnum<ReductionOrder>(),
            Interleave = choose.Between(1, 5),
            When = choose.Chance(0.75) ? AccumulatorUpdate.EveryUpdate : AccumulatorUpdate.End,
            Bias = choose.OfEnum<BiasPosition>(),
            InputOffset = offset,
        };
    }

    private static IEnumerable<T> Many<T>(int count, Func<T> make) =>
        Enumerable.Range(0, count).Select(_ => make());
}

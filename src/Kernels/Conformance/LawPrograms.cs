using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>
/// Programs of one 8-bit layer, as fast kernels take them: one per law of the accumulator.
/// </summary>
internal static class LawPrograms
{
    private static readonly Dictionary<
        string,
        (int Bits, OverflowMode Overflow, int Lanes, BiasPosition Bias)> Accumulators = new()
        {
            ["exact"] = (32, OverflowMode.Saturate, 1, BiasPosition.First),
            ["exact_bias_last"] = (32, OverflowMode.Saturate, 4, BiasPosition.Last),
            ["wrapping"] = (16, OverflowMode.Wrap, 1, BiasPosition.First),
            ["saturating"] = (18, OverflowMode.Saturate, 1, BiasPosition.First),
            ["saturating_lanes"] = (18, OverflowMode.SaturateSymmetric, 8, BiasPosition.Last),
            ["saturating_to_zero"] = (18, OverflowMode.SaturateToZero, 3, BiasPosition.First),
            ["sign_magnitude"] = (18, OverflowMode.WrapSignMagnitude, 1, BiasPosition.First),
            ["single_update"] = (19, OverflowMode.Saturate, 0, BiasPosition.First),
            ["single_update_bias_last"] = (19, OverflowMode.Saturate, 0, BiasPosition.Last),
        };

    /// <summary>The laws.</summary>
    public static IReadOnlyCollection<string> Names => Accumulators.Keys;

    /// <summary>
    /// A 3x3 convolution over 10 channels, so that depth, filters and columns leave remainders.
    /// </summary>
    public static QuantizedProgram Of(string name, bool inputSigned) =>
        Of(name, inputSigned, 6, 7, 6);

    /// <summary>
    /// The same with more filters and columns than one tile holds, and again remainders.
    /// </summary>
    public static QuantizedProgram Wide(string name, bool inputSigned) =>
        Of(name, inputSigned, 37, 9, 7);

    /// <summary>One output, every weight the same, an accumulator that wraps.</summary>
    public static QuantizedProgram Dense(int depth, int weight)
    {
        QuantizedProgram conv = Of("wrapping", inputSigned: true);
        var layer = (MacLayer)conv.Layers[0];
        TensorType input = conv.Input.Type with { Shape = new(depth) };
        MacLayer dense = layer with
        {
            Input = input,
            Output = layer.Output with { Shape = new(1) },
            Geometry = new(),
            Weights = [.. Enumerable.Repeat(weight, depth)],
            Bias = [0],
            Requantization = [layer.Requantization[0]],
        };
        return conv with { Input = conv.Input with { Type = input }, Layers = [dense] };
    }

    /// <summary>One dense layer: a product of a matrix and, per image, one column.</summary>
    /// <param name="name">The law.</param>
    /// <param name="inputSigned">Whether inputs may be negative.</param>
    /// <param name="depth">Products per output.</param>
    /// <param name="filters">Outputs.</param>
    public static QuantizedProgram Matrix(string name, bool inputSigned, int depth, int filters) =>
        Layer(name, inputSigned, new(depth), new(), new(filters));

    private static QuantizedProgram Of(
        string name, bool inputSigned, int filters, int rows, int columns) =>
        Layer(
            name, inputSigned, new(10, rows, columns),
            new(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1),
            new(filters, rows, columns));

    private static QuantizedProgram Layer(
        string name, bool inputSigned, TensorShape from, WindowGeometry window, TensorShape to)
    {
        (int bits, OverflowMode overflow, int lanes, BiasPosition bias) = Accumulators[name];
        var choose = new Choices(name.Length);
        TensorType input = new(from, 8, inputSigned, 1, inputSigned ? 0 : 3);
        int depth = from.Channels * window.KernelRows * window.KernelColumns;
        MacLayer layer = new(
            "mac", [0], new(to, 8, true, 1), input, window,
            [
                .. Enumerable.Range(0, to.Channels * depth).Select(
                    _ => (int)choose.Raw(-128, 127)),
            ],
            8, true,
            [.. Enumerable.Range(0, to.Channels).Select(_ => choose.Between(-20000L, 20000L))],
            Unit(bits, overflow, lanes, bias),
            [.. Enumerable.Repeat(ToBytes(), to.Channels)]);
        return new(
            $"{name}, {(inputSigned ? "signed" : "unsigned")}, {depth} x {to.Channels}",
            new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [layer], Seed: 99);
    }

    private static MacSpec Unit(int bits, OverflowMode overflow, int lanes, BiasPosition bias) =>
        new()
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = 0,
            PartialAlign = 0,
            Update = ConversionSpec.Into(
                new(bits, 0, true), 0, RoundingMode.TowardNegative, overflow),
            Lanes = lanes,
            Order = ReductionOrder.Interleave,
            Interleave = 3,
            When = AccumulatorUpdate.EveryUpdate,
            Bias = bias,
            InputOffset = 0,
        };

    /// <summary>A ReLU and 8 bits, the dropped bits rounded at random.</summary>
    private static Requantization ToBytes() =>
        new()
        {
            Kind = RequantizationKind.Shift,
            Output = ConversionSpec.Into(
                new(8, 0, true), 9, RoundingMode.Stochastic, OverflowMode.Saturate),
            ClampMin = 0,
            ClampMax = 127,
        };
}

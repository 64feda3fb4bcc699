using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.RandomPrograms;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>
/// Programs of one 8-bit layer that the packed kernels take, one per law of the accumulator.
/// </summary>
internal static class PackedPrograms
{
    public static TheoryData<string> Names => [.. Accumulators.Keys];

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

    private static QuantizedProgram Of(
        string name, bool inputSigned, int filters, int rows, int columns)
    {
        (int bits, OverflowMode overflow, int lanes, BiasPosition bias) = Accumulators[name];
        var choose = new Choices(name.Length);
        TensorType input = new(new(10, rows, columns), 8, inputSigned, 1, inputSigned ? 0 : 3);
        TensorType output = new(new(filters, rows, columns), 8, true, 1);
        var window = new WindowGeometry(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1);
        var update = ConversionSpec.Into(
            new(bits, 0, true), 0, RoundingMode.TowardNegative, overflow);
        var requantization = new Requantization
        {
            Kind = RequantizationKind.Shift,
            Output = ConversionSpec.Into(
                new(8, 0, true), 9, RoundingMode.Stochastic, OverflowMode.Saturate),
            ClampMin = 0,
            ClampMax = 127,
        };
        MacSpec mac = new()
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = 0,
            PartialAlign = 0,
            Update = update,
            Lanes = lanes,
            Order = ReductionOrder.Interleave,
            Interleave = 3,
            When = AccumulatorUpdate.EveryUpdate,
            Bias = bias,
            InputOffset = 0,
        };
        MacLayer layer = new(
            "conv", [0], output, input, window,
            [.. Enumerable.Range(0, filters * 90).Select(_ => (int)choose.Raw(-128, 127))], 8, true,
            [.. Enumerable.Range(0, filters).Select(_ => choose.Between(-20000L, 20000L))], mac,
            [.. Enumerable.Repeat(requantization, filters)]);
        return new(
            $"{name}, {(inputSigned ? "signed" : "unsigned")}",
            new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [layer], Seed: 99);
    }
}

using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Quantizes one convolution or dense layer: weights, accumulator, bias, requantization.</summary>
internal sealed class MacLayerBuilder(
    string profile, FloatLayer layer, LayerDatapath stages, TensorType input, TensorScale inputScale)
{
    private readonly float[] _weight = layer.Parameters[0];
    private readonly float[] _bias = layer.Parameters[1];

    public MacLayer Build(ImmutableArray<int> inputs, TensorType output, TensorScale outputScale, bool isClamped)
    {
        QuantizedWeights weights = WeightQuantizer.Quantize(_weight, _bias.Length, stages.Weight);
        WindowGeometry geometry = layer is Conv2dLayer conv ? conv.Geometry : new();
        var point = AccumulatorPoint.Place(Refuse, stages, inputScale, weights.Scales);
        MacSpec mac = MakeMac(point);
        return new(
            layer.Name, inputs, output, input, geometry,
            weights.Raw, stages.Weight.Bits, weights.IsSigned,
            new BiasQuantizer(stages, mac, point, input.ZeroPoint).Quantize(_bias, weights),
            mac,
            RequantizationBuilder.Build(Refuse, stages, point, output, outputScale, isClamped));
    }

    private MacSpec MakeMac(AccumulatorPoint point)
    {
        AccumulatorFormat accumulator = stages.Accumulator;
        bool converts = stages.Product is not null;
        if (converts && input.ZeroPoint != 0 && stages.ZeroPoint == ZeroPointHandling.Folded)
            throw Refuse("mac.product", "a product format cannot go with a folded zero point (use zero_point: subtracted)");
        return new()
        {
            ProductStage = converts ? ProductStage.Converted : ProductStage.Exact,
            Product = converts
                ? ConversionSpec.Into(
                    stages.Product!.Value, point.ProductShift, stages.ProductRounding, stages.ProductOverflow,
                    0, stages.Dialect)
                : default,
            AccumulatorAlign = point.AccumulatorAlign,
            PartialAlign = point.PartialAlign,
            Update = ConversionSpec.Into(
                new FixedFormat(accumulator.Bits, 0, accumulator.IsSigned), point.AccumulatorAlign,
                accumulator.Rounding, accumulator.Overflow, accumulator.SaturationBits, stages.Dialect),
            Lanes = stages.Lanes,
            Order = stages.Order,
            Interleave = stages.Interleave,
            When = accumulator.When,
            Bias = accumulator.Start,
            InputOffset = stages.ZeroPoint == ZeroPointHandling.Subtracted ? input.ZeroPoint : 0,
        };
    }

    private QuantizationException Refuse(string key, string why) =>
        new($"{profile}: layer '{layer.Name}': {key}: {why}");
}

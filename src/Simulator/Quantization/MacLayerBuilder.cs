using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Quantizes one convolution or dense layer: weights, accumulator, bias, requantization.
/// </summary>
/// <param name="refuse">Makes the exception from a dotted key and a reason.</param>
/// <param name="layer">The float layer.</param>
/// <param name="stages">Its stages.</param>
/// <param name="input">What it reads.</param>
/// <param name="record">Takes a stage, how many of its parameters did not fit, of how many.</param>
internal sealed class MacLayerBuilder(
    Func<string, string, Exception> refuse, FloatLayer layer, LayerDatapath stages,
    QuantizedTensor input, Action<string, long, long> record)
{
    private readonly float[] _weight = layer.Parameters[0];
    private readonly float[] _bias = layer.Parameters[1];

    /// <summary>Weights that are quantized already; null where the profile does it.</summary>
    public OwnWeights? Own { get; init; }

    public MacLayer Build(ImmutableArray<int> inputs, QuantizedTensor output, ClampBounds clamp)
    {
        QuantizedWeights weights = Weights();
        WindowGeometry geometry = layer is Conv2dLayer conv ? conv.Geometry : new();
        var point = AccumulatorPoint.Place(refuse, stages, input.Scale, weights.Scales);
        MacSpec mac = MakeMac(point);
        var biases = new BiasQuantizer(refuse, stages, mac, point, input.Scale.ZeroPoint)
        {
            Rounding = output.Unit == QuantizerUnit.Sign
                ? RoundingMode.TowardNegative
                : RoundingMode.NearestTiesToEven,
        };
        var requantize = new RequantizationBuilder(refuse, stages, output, clamp);
        bool isBiasReal = IsBiasReal(point, output);
        ImmutableArray<long> bias = Own is { Declared: { } stated }
            ? biases.Declared(Own.Bias, weights, stated.At)
            : Own is { Bias.Length: > 0 } own ? biases.Quantize(own.Bias, weights)
            : biases.Quantize(isBiasReal ? new float[_bias.Length] : _bias, weights);
        ImmutableArray<Requantization> requantization =
            Own is { Declared: { } declared } && output.Unit == QuantizerUnit.Requantization
            ? new DeclaredRequantizer(requantize, stages, declared).PerChannel(bias.Length)
            : requantize.PerChannel(
                point, input.Scale, weights.Scales, isBiasReal ? _bias : [], Own?.Order);
        record(ParameterEvents.Weight, weights.Overflowed, weights.Raw.Length);
        record(ParameterEvents.Channel, Vanished(weights), bias.Length);
        record(ParameterEvents.Bias, biases.Overflowed, bias.Length);
        record(
            ParameterEvents.Multiplier, requantization.Count(r => r.IsLost), requantization.Length);
        return new(
            layer.Name,
            inputs,
            output.Type,
            input.Type,
            geometry,
            weights.Raw,
            Own is not null ? Own.Bits
                : stages.Weight.IsBipolar ? BipolarWeights.RawBits(stages.Weight)
                : stages.Weight.Bits,
            weights.IsSigned,
            bias,
            mac,
            requantization)
        {
            WeightSteps = [.. weights.Scales.Select(s => s.Step)],
        };
    }

    /// <summary>
    /// Whether the bias is no integer, but a number that requantization adds: always where the
    /// profile says so, and where it requantizes by real numbers and a graph's own biases (what a
    /// batch norm left, which FINN's thresholds absorb) are no multiples of a sum's step.
    /// </summary>
    private bool IsBiasReal(AccumulatorPoint point, QuantizedTensor output)
    {
        if (Own is null) return stages.Requantize.Kind == RequantizeKind.RealOnce;
        return Own is { Declared: null, Bias.Length: 0 } && point.FollowsOperands
            && stages.Requantize.Kind is RequantizeKind.Real or RequantizeKind.RealOnce
            && output.Unit == QuantizerUnit.Requantization
            && _bias.Zip(point.Steps, (b, step) => b / step)
                .Any(b => Math.Abs(b - Math.Round(b)) > 1e-4);
    }

    /// <summary>Channels that had a weight other than 0, and have none left.</summary>
    private int Vanished(QuantizedWeights weights) =>
        Own is not null
            ? 0
            : Enumerable.Range(0, weights.Scales.Length).Count(c =>
                weights.Raw.AsSpan(c * weights.Depth, weights.Depth).IndexOfAnyExcept(0) < 0
                && _weight.AsSpan(c * weights.Depth, weights.Depth).IndexOfAnyExcept(0f) >= 0);

    private QuantizedWeights Weights()
    {
        if (Own is not null)
            return new(
                Own.Raw, [.. Own.Scales.Select(s => GraphTensors.Scale(s))], Own.IsSigned);
        if (stages.Weight.Affine)
            throw refuse("weight.affine", "weights have no zero point (use symmetric scales)");
        return WeightQuantizer.Quantize(
            _weight, _bias.Length, stages.Weight,
            BiasRoom.LeastSteps(stages, input.Scale.Step, _bias));
    }

    private MacSpec MakeMac(AccumulatorPoint point)
    {
        AccumulatorFormat accumulator = stages.Accumulator;
        int zeroPoint = input.Scale.ZeroPoint;
        bool converts = stages.Product is not null;
        if (converts && zeroPoint != 0 && stages.ZeroPoint == ZeroPointHandling.Folded)
            throw refuse(
                "mac.product",
                "a product format cannot go with a folded zero point (use zero_point: subtracted)");
        return new()
        {
            ProductStage = converts ? ProductStage.Converted : ProductStage.Exact,
            Product = converts
                ? stages.Product!.Dropping(point.ProductShift, stages.Dialect)
                : default,
            AccumulatorAlign = point.AccumulatorAlign,
            PartialAlign = point.PartialAlign,
            Update = ConversionSpec.Into(
                new FixedFormat(accumulator.Bits, 0, accumulator.IsSigned), point.AccumulatorAlign,
                accumulator.Rounding, accumulator.Overflow, accumulator.SaturationBits,
                stages.Dialect),
            Lanes = stages.Lanes,
            Order = stages.Order,
            Interleave = stages.Interleave,
            When = accumulator.When,
            Bias = accumulator.Start,
            InputOffset = stages.ZeroPoint == ZeroPointHandling.Subtracted ? zeroPoint : 0,
        };
    }
}

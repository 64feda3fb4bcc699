using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles;

/// <summary>
/// Resolved nodes to the types that the quantizer reads: every key is there, every value legal.
/// </summary>
internal static class StageBinder
{
    /// <summary>
    /// The network's input. An unsigned format whose bits are all fraction bits cannot hold 1, and
    /// holds a byte's bits at the top: it takes bytes.
    /// </summary>
    public static ValueFormat Input(MapNode map)
    {
        ValueFormat format = Value(map);
        bool takesBytes = format.IsCalibrated
            ? map.Text("pixels") == "bytes"
            : format.Signedness == Signedness.Unsigned && format.FractionBits == format.Bits;
        return format with
        {
            Pixels = takesBytes ? PixelEncoding.Bytes : PixelEncoding.Real,
        };
    }

    /// <summary>A tensor's format.</summary>
    public static ValueFormat Value(MapNode map)
    {
        bool isFixed = map.Text("fraction_bits") != FormatKeys.Calibrated;
        return new()
        {
            Bits = Integer(map, "bits"),
            Signedness = map.Text("signed") switch
            {
                "auto" => Signedness.Auto,
                "true" => Signedness.Signed,
                _ => Signedness.Unsigned,
            },
            FractionBits = isFixed ? Integer(map, "fraction_bits") : null,
            Rounding = ModeNames.Rounding(map.Text("rounding")!),
            Overflow = ModeNames.Overflow(map.Text("overflow")!),
            SaturationBits = Integer(map, "saturation_bits", 0),
            Scale = map.Text("scale") == "real" ? ScaleKind.Real : ScaleKind.PowerOfTwo,
            Granularity =
                map.Text("granularity") == "per_channel"
                    ? ScaleGranularity.PerChannel
                    : ScaleGranularity.PerTensor,
            Affine = map.Text("affine") == "true",
            NarrowRange = map.Text("narrow_range") == "true",
            IsBipolar = map.Text("encoding") == "bipolar",
            Calibration = Calibration(map),
        };
    }

    /// <summary>All stages of a layer.</summary>
    public static LayerDatapath Layer(MapNode stages, string dialect)
    {
        var mac = (MapNode)stages["mac"]!;
        var product = mac["product"] as MapNode;
        var bias = stages["bias"] as MapNode;
        ValueFormat output = Value((MapNode)stages["activation"]!);
        return new()
        {
            Weight = Value((MapNode)stages["weight"]!),
            Bias = bias is null ? null : Fixed(bias),
            BiasRounding = bias is null
                ? RoundingMode.NearestTiesToEven
                : ModeNames.Rounding(bias.Text("rounding")!),
            BiasOverflow = bias is null
                ? OverflowMode.Saturate
                : ModeNames.Overflow(bias.Text("overflow")!),
            BiasSaturationBits = bias is null ? 0 : Integer(bias, "saturation_bits", 0),
            Product = product is null ? null : Fixed(product),
            ProductRounding = product is null
                ? default
                : ModeNames.Rounding(product.Text("rounding")!),
            ProductOverflow = product is null
                ? OverflowMode.Wrap
                : ModeNames.Overflow(product.Text("overflow")!),
            ProductSaturationBits = product is null ? 0 : Integer(product, "saturation_bits", 0),
            Lanes = mac.Text("lanes") == "all" ? 0 : Integer(mac, "lanes"),
            Order = mac.Text("order") switch
            {
                "channel_first" => ReductionOrder.ChannelFirst,
                "interleave" => ReductionOrder.Interleave,
                _ => ReductionOrder.ChannelLast,
            },
            Interleave = Integer(mac, "interleave", 1),
            ZeroPoint =
                mac.Text("zero_point") == "subtracted"
                    ? ZeroPointHandling.Subtracted
                    : ZeroPointHandling.Folded,
            Accumulator = Accumulator((MapNode)mac["accumulator"]!),
            Requantize = Requantize((MapNode)stages["requantize"]!, output),
            Output = output,
            AveragePoolRounding = ModeNames.Rounding(
                ((MapNode)stages["pooling"]!).Text("average_rounding")!),
            Table = stages["table"] is MapNode table ? FunctionBinder.Table(table) : null,
            Softmax = stages["softmax"] is MapNode softmax ? FunctionBinder.Softmax(softmax) : null,
            ResidualAdd = stages.Text("residual_add") switch
            {
                "align" => ResidualAddKind.Align,
                "multiplier" => ResidualAddKind.Multiplier,
                _ => ResidualAddKind.Auto,
            },
            Dialect = dialect == "systemc" ? OverflowDialect.SystemC : OverflowDialect.Ap,
        };
    }

    private static AccumulatorFormat Accumulator(MapNode map) =>
        new()
        {
            Bits = Integer(map, "bits"),
            FractionBits =
                map.Text("fraction_bits") == FormatKeys.Product
                    ? null
                    : Integer(map, "fraction_bits"),
            IsSigned = map.Text("signed") == "true",
            Rounding = ModeNames.Rounding(map.Text("rounding")!),
            Overflow = ModeNames.Overflow(map.Text("overflow")!),
            SaturationBits = Integer(map, "saturation_bits", 0),
            When =
                map.Text("when") == "end" ? AccumulatorUpdate.End : AccumulatorUpdate.EveryUpdate,
            Start = map.Text("start") == "zero" ? BiasPosition.Last : BiasPosition.First,
        };

    private static RequantizeStage Requantize(MapNode map, ValueFormat output) =>
        new()
        {
            Kind = map.Text("kind") switch
            {
                "shift" => RequantizeKind.Shift,
                "multiplier_double" => RequantizeKind.MultiplierDouble,
                "multiplier_single" => RequantizeKind.MultiplierSingle,
                "real" => RequantizeKind.Real,
                _ => RequantizeKind.Cast,
            },
            MultiplierBits = Integer(map, "multiplier_bits", 32),
            Rounding = map.Text("rounding") is { } r and not "output"
                ? ModeNames.Rounding(r)
                : output.Rounding,
        };

    private static FixedFormat Fixed(MapNode map) =>
        new(Integer(map, "bits"), Integer(map, "fraction_bits"), map.Text("signed") == "true");

    private static Calibration Calibration(MapNode map) =>
        map.Text("calibration") switch
        {
            "percentile" => new(
                CalibrationMethod.Percentile,
                double.Parse(map.Text("percentile")!, CultureInfo.InvariantCulture)),
            "mse" => new(CalibrationMethod.MeanSquaredError),
            _ => new(CalibrationMethod.MinMax),
        };

    private static int Integer(MapNode map, string key) =>
        int.Parse(map.Text(key)!, CultureInfo.InvariantCulture);

    private static int Integer(MapNode map, string key, int absent) =>
        map[key] is null ? absent : Integer(map, key);
}

using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Simd;

/// <summary>What a layer's accumulator is like: each kind has a fast loop of its own.</summary>
public enum FastKind
{
    /// <summary>Wide enough for anything.</summary>
    Wide,

    /// <summary>Narrow and wrapping.</summary>
    Wrapping,

    /// <summary>All products at once, then any conversion.</summary>
    Unrolled,

    /// <summary>16 bits or fewer, saturating.</summary>
    SaturatingShort,

    /// <summary>17 bits or more, saturating now and then.</summary>
    SaturatingWide,

    /// <summary>Rounding at every update in a mode that commutes.</summary>
    Rounding,

    /// <summary>Products rounded and wrapped into a format of their own, as in hls4ml.</summary>
    Product,

    /// <summary>
    /// The same with 16-bit operands, whose weights are too wide to be shifted in one operand.
    /// </summary>
    WideProduct,

    /// <summary>17 bits, saturating, one input channel per output channel.</summary>
    SaturatingDepthwise,
}

/// <summary>
/// Random layers of the kinds that real profiles have, large enough to cross every vector's edge.
/// </summary>
public static class FastLayers
{
    public static QuantizedProgram Program(FastKind kind, int seed)
    {
        for (int attempt = 0; ; attempt++)
        {
            var choose = new Choices((seed * 131) + (attempt * 7) + (int)kind);
            MacLayer layer = Layer(choose, kind);
            var program = new QuantizedProgram(
                $"{kind}, seed {seed}",
                new(layer.Input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [layer]);
            if (ProgramLimits.WhyNot(program) is null)
                return program;
        }
    }

    private static MacLayer Layer(Choices choose, FastKind kind)
    {
        bool besides = kind == FastKind.SaturatingDepthwise;
        bool dense = choose.Chance(0.5) && !besides;
        TensorShape from = dense
            ? new(choose.Between(kind == FastKind.SaturatingWide ? 64 : 1, 257))
            : new(choose.Between(1, 20), choose.Between(1, 8), choose.Between(1, 8));
        WindowGeometry window = dense
            ? new()
            : RandomWindow.Of(choose, from, groups: choose.Chance(0.3));
        if (!dense && (choose.Chance(0.25) || besides))
            window = window with { Groups = from.Channels };
        bool depthwise = window.Groups == from.Channels && (choose.Chance(0.5) || besides);
        int channels =
            window.Groups * (depthwise ? 1 : choose.Between(1, window.Groups > 1 ? 3 : 40));
        TensorType input = Narrow(choose, from);
        if (kind == FastKind.WideProduct) input = new(from, 16, true, 1);
        TensorType output = Narrow(
            choose,
            new(channels, window.OutputRows(from.Rows), window.OutputColumns(from.Columns)));
        int depth = from.Channels / window.Groups * window.KernelRows * window.KernelColumns;
        int weightBits =
            kind == FastKind.WideProduct ? choose.Between(12, 16)
            : kind is FastKind.SaturatingWide or FastKind.SaturatingDepthwise ? 8
            : choose.Between(2, 8);
        int offset = choose.Chance(0.5) ? input.ZeroPoint : 0;
        MacSpec mac = Unit(choose, kind, input.Bits + weightBits, depth, offset);
        Requantization shared = Requantizations.Of(choose, mac.Update.Bits, output);
        var weight = new FixedFormat(weightBits, 0, true);
        return new(
            "layer", [0], output, input, window,
            [.. Many(channels * depth, () => (int)choose.Raw(weight.MinRaw, weight.MaxRaw))],
            weightBits, true,
            [.. Many(channels, () => choose.Raw(mac.Update.Min / 8, mac.Update.Max / 8))],
            mac,
            [.. Many(channels, () => PerChannel(choose, shared))]);
    }

    private static MacSpec Unit(
        Choices choose, FastKind kind, int productBits, int depth, int offset)
    {
        int sum = Math.Min(productBits + int.Log2(depth) + 2, 40);
        int shift = kind == FastKind.Rounding ? choose.Between(1, 8) : 0;
        int bits = kind switch
        {
            FastKind.Wide => Math.Max(sum + 2, choose.Between(28, 32)),
            FastKind.Wrapping => choose.Between(4, 28),
            FastKind.Product or FastKind.WideProduct => choose.Between(8, 16),
            FastKind.SaturatingShort => choose.Between(4, 16),
            FastKind.SaturatingWide => Math.Max(17, sum - choose.Between(1, 5)),
            FastKind.SaturatingDepthwise => 17,
            _ => choose.Between(8, 24),
        };
        OverflowMode saturates = choose.Of(OverflowMode.Saturate, OverflowMode.SaturateSymmetric);
        OverflowMode overflow = kind switch
        {
            FastKind.Wide or FastKind.Unrolled => choose.OfEnum<OverflowMode>(),
            FastKind.Wrapping or FastKind.WideProduct => OverflowMode.Wrap,
            FastKind.Product => choose.Of(OverflowMode.Wrap, OverflowMode.Wrap, saturates),
            FastKind.Rounding => choose.Of(OverflowMode.Wrap, saturates),
            _ => saturates,
        };
        RoundingMode rounding = kind == FastKind.Rounding
            ? choose.Of(
                RoundingMode.TowardNegative, RoundingMode.NearestTiesTowardPositive,
                RoundingMode.NearestTiesTowardNegative)
            : choose.OfEnum<RoundingMode>();
        int finer = kind == FastKind.Unrolled ? choose.Between(0, 4) : 0;
        return new MacSpec
        {
            ProductStage = kind is FastKind.Product or FastKind.WideProduct
                ? ProductStage.Converted
                : ProductStage.Exact,
            Product = ConversionSpec.Into(
                new FixedFormat(
                    kind == FastKind.WideProduct ? 16 : choose.Between(14, 18), 0, true),
                choose.Between(kind == FastKind.WideProduct ? 1 : 0, 10),
                kind == FastKind.WideProduct ? RoundingMode.TowardNegative : choose.Of(
                    RoundingMode.TowardNegative, RoundingMode.NearestTiesTowardPositive,
                    RoundingMode.NearestTiesTowardNegative),
                kind == FastKind.WideProduct
                    ? OverflowMode.Wrap
                    : choose.Of(OverflowMode.Wrap, OverflowMode.Saturate)),
            AccumulatorAlign = shift + finer,
            PartialAlign =
                shift + finer == 0
                && kind is not (FastKind.Product or FastKind.WideProduct)
                && choose.Chance(0.2)
                    ? choose.Between(1, 3)
                    : 0,
            Update = ConversionSpec.Into(
                new FixedFormat(bits, 0, true), shift + finer, rounding, overflow),
            Lanes = kind switch
            {
                FastKind.Unrolled => 0,
                FastKind.SaturatingDepthwise => 1,
                _ => choose.Of(1, 1, 1, 2, 4, 16),
            },
            Order = choose.OfEnum<ReductionOrder>(),
            Interleave = choose.Between(1, 4),
            When =
                kind == FastKind.Unrolled && choose.Chance(0.5)
                    ? AccumulatorUpdate.End
                    : AccumulatorUpdate.EveryUpdate,
            Bias = kind == FastKind.Unrolled ? BiasPosition.First : choose.OfEnum<BiasPosition>(),
            InputOffset = offset,
        };
    }

    /// <summary>
    /// Mostly alike, as in real layers; sometimes shifts and multipliers differ per channel.
    /// </summary>
    private static Requantization PerChannel(Choices choose, Requantization shared) =>
        choose.Chance(0.5) ? shared
        : shared.Kind == RequantizationKind.Shift
            ? shared with
            {
                Output = shared.Output with
                {
                    Shift = Math.Max(0, shared.Output.Shift + choose.Between(-2, 2)),
                },
            }
        : shared.Kind == RequantizationKind.Real ? shared
        : shared with
        {
            Multiplier = shared.Multiplier - choose.Between(0, 1000),
            ZeroPoint = shared.ZeroPoint,
        };

    private static TensorType Narrow(Choices choose, TensorShape shape)
    {
        int bits = choose.Chance(0.7) ? 8 : choose.Between(2, 16);
        TensorType type = new(shape, bits, choose.Chance(0.5), 1);
        return choose.Chance(0.3)
            ? type with
            {
                ZeroPoint = (int)choose.Raw(type.MinRaw, type.MaxRaw),
            }
            : type;
    }

    private static IEnumerable<T> Many<T>(int count, Func<T> make) =>
        Enumerable.Range(0, count).Select(_ => make());
}

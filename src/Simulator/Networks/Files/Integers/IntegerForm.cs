using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Integers;

/// <summary>
/// What a layer of a program is in a file of ready-made integers: one row per layer that can be
/// written, with all that the writer asks of it. A layer without a row is refused by its name.
/// </summary>
/// <param name="Type">The word in the file.</param>
internal sealed record IntegerForm(string Type)
{
    /// <summary>Whether it has an output format of its own.</summary>
    public bool HasOutput { get; init; }

    /// <summary>What makes its raw outputs; null where no key of the file says it.</summary>
    public ConversionSpec? Conversion { get; init; }

    /// <summary>What values are clamped to; null where nothing is clamped.</summary>
    public (long Low, long High)? Clamp { get; init; }

    /// <summary>The keys of its window; none where it has none.</summary>
    public IEnumerable<string> Window { get; init; } = [];

    /// <summary>A layer's row.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="origin">The float layer that it was made from, if it is one.</param>
    /// <exception cref="NotSupportedException">It has none.</exception>
    public static IntegerForm Of(ProgramLayer layer, FloatLayer? origin) =>
        (layer, origin) switch
        {
            (MacLayer mac, DenseLayer) => Requantized("dense", mac.Requantization[0]),
            (MacLayer mac, _) => Requantized("conv2d", mac.Requantization[0]) with
            {
                Window = ArchitectureKeys.Written(mac.Geometry, false),
            },
            (MaxPoolLayer pool, _) => new("max_pool2d")
            {
                Window = ArchitectureKeys.Written(pool.Geometry, true),
            },
            (AveragePoolLayer { Unit.Offset.Significand: not 0 }, _) =>
                throw new NotSupportedException(
                    $"layer '{layer.Name}': its zero point is added in float32, and the format has "
                        + "integers alone (supported: .npz)"),
            (AveragePoolLayer pool, _) => new("average_pool2d")
            {
                HasOutput = pool.Unit.Real.IsUsed != 0,
                Window = ArchitectureKeys.Written(pool.Geometry, true),
            },
            (ReshapeLayer, _) => new("flatten"),
            (Kernels.Datapath.RearrangeLayer, _) => new("rearrange"),
            (ClampLayer, ReluLayer) => new("relu"),
            (ClampLayer clamp, _) => new("clip") { Clamp = (clamp.Min, clamp.Max) },
            (Kernels.Datapath.ConcatLayer join, ReluLayer) =>
                Requantized("relu", join.Parts[0].Requantization) with { Clamp = null },
            (Kernels.Datapath.ConcatLayer join, _) => Requantized(
                origin is PointLayer ? "clip" : join.Inputs.Length == 1 ? "requantize" : "concat",
                join.Parts[0].Requantization),
            (Kernels.Datapath.AddLayer add, _) => Requantized("add", add.Requantization),
            (Kernels.Datapath.MultiplyLayer product, _) =>
                Requantized("multiply", product.Requantization),
            (Kernels.Datapath.SoftmaxLayer, _) => new("softmax") { HasOutput = true },
            (LookupLayer table, SigmoidLayer or TanhLayer or PointLayer) => new(origin.Kind)
            {
                HasOutput = true,
                Conversion = table.Conversion,
            },
            (FloatDequantizeLayer, _) => throw new NotSupportedException(
                $"layer '{layer.Name}': the network leaves what comes next in float32, and the "
                    + "format has integers alone (supported: .onnx, .npz)"),
            _ => throw new NotSupportedException(
                $"layer '{layer.Name}' ({origin?.Kind ?? layer.GetType().Name}) cannot be written"),
        };

    private static IntegerForm Requantized(string type, Requantization by) => new(type)
    {
        HasOutput = true,
        Conversion = by.Output,
        Clamp = (by.ClampMin, by.ClampMax),
    };
}

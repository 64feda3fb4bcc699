using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// What the writer of ONNX graphs asks of a layer, one row per layer that a graph has between
/// quantizers. A layer without a row is refused by its name.
/// </summary>
/// <param name="Moves">Whether raw values stay as they are, and with them the scale.</param>
internal sealed record QdqForm(bool Moves)
{
    /// <summary>Whether it writes [batch, features]; null for what it reads.</summary>
    public bool? IsFlat { get; init; }

    /// <summary>What values are clamped to; both ends of <c>long</c> for nothing.</summary>
    public (long Low, long High) Clamp { get; init; } = (long.MinValue, long.MaxValue);

    /// <summary>A layer's row.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="origin">The float layer that it was made from, if it is one.</param>
    /// <param name="scale">The scale of what it reads first.</param>
    /// <exception cref="NotSupportedException">It has none.</exception>
    public static QdqForm Of(ProgramLayer layer, FloatLayer? origin, double scale) => layer switch
    {
        MacLayer mac => Requantized(mac.Requantization[0]) with { IsFlat = origin is DenseLayer },
        MaxPoolLayer => new(Moves: true) { IsFlat = false },
        // A pooling that shifts in place of dividing has a scale of its own.
        AveragePoolLayer => new(Moves: layer.Output.Scale == scale) { IsFlat = false },
        ReshapeLayer => new(Moves: true) { IsFlat = true },
        Kernels.Datapath.RearrangeLayer => new(Moves: true)
        {
            IsFlat = layer.Output.Shape.Positions == 1,
        },
        ClampLayer clamp => new(Moves: true) { Clamp = (clamp.Min, clamp.Max) },
        Kernels.Datapath.AddLayer add => Requantized(add.Requantization),
        Kernels.Datapath.MultiplyLayer product => Requantized(product.Requantization),
        Kernels.Datapath.ConcatLayer join => Requantized(join.Parts[0].Requantization),
        Kernels.Datapath.SoftmaxLayer => new(Moves: false) { IsFlat = true },
        LookupLayer => new(Moves: false),
        ResizeLayer => throw new NotSupportedException(
            $"layer '{layer.Name}' resizes integers, which ONNX Runtime does so behind a "
                + "QLinearConv alone, and export writes none (supported: .npz)"),
        _ => throw new NotSupportedException(
            $"layer '{layer.Name}' ({origin?.Kind ?? layer.GetType().Name}): ONNX has no operator "
                + "for it between quantizers (supported: .yaml, .npz)"),
    };

    private static QdqForm Requantized(Requantization by) =>
        new(Moves: false) { Clamp = (by.ClampMin, by.ClampMax) };
}

namespace QSim.Attacks.Evaluation;

/// <summary>What a differentiation fills in, one entry (or row) per image.</summary>
public readonly ref struct GradientResults
{
    /// <summary>d loss / d image, laid out as the images.</summary>
    public required Span<float> Gradients { get; init; }

    /// <summary>The loss.</summary>
    public required Span<float> Losses { get; init; }

    /// <summary>[image][class].</summary>
    public required Span<float> Logits { get; init; }

    /// <summary>The class decided on.</summary>
    public required Span<int> Classes { get; init; }
}

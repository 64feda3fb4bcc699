namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>What a file, or ONNX's inference, says of an extent.</summary>
/// <param name="Value">How long; 0 for known and not told here, -1 for not known.</param>
/// <param name="Symbol">What the file calls it where it is left open; empty for no name.</param>
internal readonly record struct KnownExtent(long Value, string Symbol = "")
{
    /// <summary>Nothing.</summary>
    public static KnownExtent None { get; } = new(-1);

    /// <summary>Whether it is a number.</summary>
    public bool IsNumber => Value >= 0;

    /// <summary>Whether it is surely the same as another.</summary>
    public bool IsSame(KnownExtent other) => IsNumber && other.IsNumber
        ? Value == other.Value
        : !IsNumber && !other.IsNumber && Symbol.Length > 0 && Symbol == other.Symbol;
}

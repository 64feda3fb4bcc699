namespace QSim.Kernels.Datapath;

/// <summary>The raw values that a tensor can hold, both ends included.</summary>
/// <param name="Low">The smallest.</param>
/// <param name="High">The largest.</param>
public readonly record struct RawRange(long Low, long High)
{
    /// <summary>Anything that the type can hold.</summary>
    public static RawRange Of(TensorType type) => new(type.MinRaw, type.MaxRaw);

    /// <summary>Both ends clamped to another range.</summary>
    public RawRange Within(RawRange other) =>
        new(Math.Clamp(Low, other.Low, other.High), Math.Clamp(High, other.Low, other.High));

    /// <summary>The narrowest range that holds both.</summary>
    public RawRange Or(RawRange other) =>
        new(Math.Min(Low, other.Low), Math.Max(High, other.High));
}

using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles.Keys;

/// <summary>The zero point of a format whose binary point the profile gives.</summary>
internal static class ZeroPointKey
{
    /// <summary>The key.</summary>
    public static KeySpec Spec { get; } =
        Key.Of(
            "zero_point", new IntegerType(int.MinValue, int.MaxValue),
            "The raw value of 0; only where fraction_bits is a number.",
            (ValueFormat f, int v) => f with { ZeroPoint = v }) with
        {
            Default = "0",
            Unit = "raw value",
            Silicon =
                "Where a function's range is known, as a sigmoid's is, so are scale and zero "
                    + "point: TensorFlow Lite has 1/256 and -128.",
        };
}

using System.Collections.Immutable;
using System.Globalization;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles.Formats;

/// <summary>The <c>format</c> key: a notation in place of the keys it stands for.</summary>
/// <param name="OpenPoint">
/// What <c>int8</c> makes of <c>fraction_bits</c>: calibrated, or product; null where it must be
/// given.
/// </param>
/// <param name="MaxBits">The widest format, for the JSON Schema.</param>
internal sealed record FormatNotationType(string? OpenPoint, int MaxBits) : NotationType
{
    /// <inheritdoc/>
    public override string Supported => FormatParser.Supported.Replace(", or a mapping", "");

    /// <inheritdoc/>
    public override string Pattern => FormatParser.Pattern(MaxBits, OpenPoint is not null);

    /// <inheritdoc/>
    public override MapNode? Parse(ScalarNode value, out string? error)
    {
        if (FormatParser.Parse(value.Text, out error) is not { } format) return null;
        if (format.FractionBits is null && OpenPoint is null)
        {
            error = $"{value.Found} leaves the binary point open, which is not calibrated here"
                + $" (supported: fixed<{format.Bits},I> with I integer bits, or a mapping)";
            return null;
        }

        string path = value.Path.EndsWith(".format", StringComparison.Ordinal)
            ? value.Path[..^7]
            : value.Path;
        MapNode map = new(value.Position, path, []);
        map = Put(map, "bits", Text(format.Bits));
        map = Put(map, "fraction_bits", format.FractionBits is { } f ? Text(f) : OpenPoint!);
        map = Put(map, "signed", format.IsSigned ? "true" : "false");
        map = Put(map, "rounding", format.Rounding);
        map = Put(map, "overflow", format.Overflow, format.Prefix);
        return Put(map, "saturation_bits", format.SaturationBits is { } n ? Text(n) : null);
    }

    private static MapNode Put(MapNode map, string key, string? text, string? prefix = null) =>
        text is null
            ? map
            : map.With(
                key, new ScalarNode(map.Position, map.PathOf(key), text) { Prefix = prefix });

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A format: a mapping, or a notation in its place.</summary>
/// <param name="OpenPoint">As <see cref="FormatNotationType.OpenPoint"/>.</param>
/// <param name="MaxBits">The widest format, for the JSON Schema.</param>
/// <param name="Keys">The mapping's keys.</param>
internal sealed record FormatMapType(string? OpenPoint, int MaxBits, ImmutableArray<KeySpec> Keys)
    : MapType(Keys)
{
    /// <inheritdoc/>
    public override string Supported => FormatParser.Supported;

    /// <inheritdoc/>
    public override KeyType? Shorthand => new FormatNotationType(OpenPoint, MaxBits);

    /// <inheritdoc/>
    public override MapNode? Expand(ScalarNode value, out string? error) =>
        new FormatNotationType(OpenPoint, MaxBits).Parse(value, out error) is { } map
            ? map with
            {
                IsWhole = true,
            }
            : null;
}

using System.Collections.Immutable;
using System.Reflection;

namespace QSim.Simulator.Profiles;

/// <summary>The profiles of hardware-profiles/, which travel inside this assembly.</summary>
public static class ShippedProfiles
{
    private const string Folder = "hardware-profiles/";
    private const string Extension = ".yaml";
    private static readonly Assembly Home = typeof(ShippedProfiles).Assembly;

    /// <summary>Their names, sorted.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        .. Home.GetManifestResourceNames()
            .Where(n =>
                n.StartsWith(Folder, StringComparison.Ordinal)
                && n.EndsWith(Extension, StringComparison.Ordinal))
            .Select(n => n[Folder.Length..^Extension.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The bytes of a shipped profile, or null when there is none of that name.</summary>
    public static byte[]? Bytes(string name)
    {
        using Stream? stream = Home.GetManifestResourceStream(Folder + name + Extension);
        if (stream is null) return null;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

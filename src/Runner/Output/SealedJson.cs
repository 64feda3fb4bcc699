using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace QSim.Runner.Output;

/// <summary>
/// Documents of QSim's own whose last property is a checksum of everything before it, the first
/// half of its SHA-256: a document with a flipped bit counts as damaged.
/// </summary>
internal static class SealedJson
{
    private const string Checksum = ",\n  \"checksum\": \"", End = "\"\n}\n", OpenEnd = "\n}\n";

    /// <summary>Hexadecimal digits of a checksum.</summary>
    internal const int Digits = 32;

    /// <summary>The document of a value, an object with properties.</summary>
    public static string Of<T>(T value) =>
        Encoding.UTF8.GetString(Seal(Encoding.UTF8.GetBytes(Json.Of(value)[..^OpenEnd.Length])));

    /// <summary>A value from its document: see <see cref="Json.Parse"/>.</summary>
    /// <exception cref="JsonException">It is no such document, or is damaged.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> document)
        where T : class
    {
        ReadOnlySpan<byte> open = Open(document);
        return Seal(open).AsSpan().SequenceEqual(document)
            ? Json.Parse<T>(document)
            : throw new JsonException("its checksum is another, or missing");
    }

    /// <summary>What a checksum is of: a document up to its last property.</summary>
    internal static ReadOnlySpan<byte> Open(ReadOnlySpan<byte> document) =>
        document[..Math.Max(0, document.Length - Checksum.Length - Digits - End.Length)];

    /// <summary>The document of what <see cref="Open"/> gives.</summary>
    internal static byte[] Seal(ReadOnlySpan<byte> open) =>
        [.. open, .. Encoding.UTF8.GetBytes(Checksum + Sum(open) + End)];

    /// <summary>A checksum in hexadecimal.</summary>
    internal static string Sum(ReadOnlySpan<byte> bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(bytes))[..Digits];
}

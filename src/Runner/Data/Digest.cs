using System.Security.Cryptography;

namespace QSim.Runner.Data;

/// <summary>SHA-256 in lower-case hexadecimal.</summary>
internal static class Digest
{
    /// <summary>Of some bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Of several runs of bytes, one after the other.</summary>
    public static string OfAll(IEnumerable<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] part in parts) hash.AppendData(part);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

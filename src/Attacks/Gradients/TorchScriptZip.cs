using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace QSim.Attacks.Gradients;

/// <summary>
/// What has to hold of a TorchScript archive before libtorch may see it: code that it cannot
/// compile ends the process, since TorchSharp 0.107.0 lets that C++ exception
/// (torch::jit::ErrorReport) through.
/// </summary>
internal static partial class TorchScriptZip
{
    private const byte PickleProtocol = 0x80;
    private const string Pickled =
        "pickled by torch.save, which only Python can read (supported: torch.jit.save, or safetensors)";

    private static readonly string[] Builtin = ["aten", "prim", "prims", "quantized"];
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(CrcOf)];

    /// <summary>
    /// Null for an archive that is TorchScript, whole, and of libtorch's own operators.
    /// </summary>
    /// <param name="content">The archive.</param>
    /// <param name="whole">
    /// The same entries in a new one, uncompressed: with a damaged directory libtorch would read
    /// others than were checked here.
    /// </param>
    public static string? Problem(byte[] content, out byte[] whole)
    {
        whole = [];
        // torch.save pickles; since 1.6 into a ZIP file, too.
        if (content is [PickleProtocol, ..]) return Pickled;
        try
        {
            using var archive = new ZipArchive(new MemoryStream(content));
            bool Has(string name) =>
                archive.Entries.Any(e => e.FullName.EndsWith(name, StringComparison.Ordinal));
            if (!Has("/constants.pkl"))
                return Has("/data.pkl") ? Pickled : "not a TorchScript archive";
            HashSet<string> names = NamesInPlace(content);
            if (!archive.Entries.All(e => names.Contains(e.FullName)))
                return "damaged: its directory names entries that are not there";
            using var copy = new MemoryStream();
            using (var target = new ZipArchive(copy, ZipArchiveMode.Create, leaveOpen: true))
            {
                string? problem = archive
                    .Entries.Select(e => Copy(e, target))
                    .FirstOrDefault(p => p is not null);
                if (problem is not null)
                    return problem;
            }

            whole = copy.ToArray();
            return null;
        }
        catch (InvalidDataException)
        {
            return "not a TorchScript archive, or damaged";
        }
    }

    /// <summary>
    /// Names before the entries; checksums do not cover those of the directory at the end.
    /// </summary>
    private static HashSet<string> NamesInPlace(ReadOnlySpan<byte> content)
    {
        const int LengthAt = 26, NameAt = 30;
        HashSet<string> names = [];
        int found;
        for (int at = 0; (found = content[at..].IndexOf("PK\u0003\u0004"u8)) >= 0; at++)
        {
            at += found;
            if (content.Length - at < NameAt) break;
            int length = BinaryPrimitives.ReadUInt16LittleEndian(content[(at + LengthAt)..]);
            if (length <= content.Length - at - NameAt)
                names.Add(Encoding.UTF8.GetString(content.Slice(at + NameAt, length)));
        }

        return names;
    }

    /// <summary>Copies an entry; null, or what is wrong with it.</summary>
    private static string? Copy(ZipArchiveEntry entry, ZipArchive target)
    {
        using var bytes = new MemoryStream();
        using (Stream stream = entry.Open()) stream.CopyTo(bytes);
        ReadOnlySpan<byte> data = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        if (Crc(data) != entry.Crc32)
            return $"damaged: '{entry.FullName}' does not have its checksum";
        using (
            Stream copy = target.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open())
            copy.Write(data);
        if (!entry.FullName.EndsWith(".py", StringComparison.Ordinal)) return null;
        string? foreign = Operators().Matches(Encoding.UTF8.GetString(data))
            .Select(m => m.Groups[1].Value).FirstOrDefault(n => !Builtin.Contains(n));
        return foreign is null
            ? null
            : $"operators of '{foreign}' are not libtorch's own (supported: {string.Join(", ", Builtin)})";
    }

    /// <summary>The CRC-32 of ZIP files (ISO 3309).</summary>
    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data) crc = CrcTable[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint CrcOf(int index)
    {
        uint crc = (uint)index;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        return crc;
    }

    [GeneratedRegex(@"\bops\.(\w+)\.\w+\(")]
    private static partial Regex Operators();
}

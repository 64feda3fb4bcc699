using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace QSim.Fuzz;

/// <summary>
/// Damage inside a container, which is packed again with the checksums that it needs: without them
/// a mutant ends at the first door.
/// </summary>
internal static class Containers
{
    /// <summary>One entry of a zip archive, or the archive itself.</summary>
    public static byte[] Zip(byte[] archive, Dice dice)
    {
        if (dice.OneIn(4)) return Mutator.Mutate(archive, false, dice);
        using var from = new ZipArchive(new MemoryStream(archive));
        int chosen = dice.Below(from.Entries.Count);
        using var to = new MemoryStream();
        using (var made = new ZipArchive(to, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((int index, ZipArchiveEntry entry) in from.Entries.Index())
            {
                using var content = new MemoryStream();
                using (Stream stream = entry.Open()) stream.CopyTo(content);
                byte[] bytes = content.ToArray();
                string name = entry.FullName;
                if (index == chosen) (name, bytes) = Entry(name, bytes, dice);
                using Stream target = made.CreateEntry(name, CompressionLevel.Fastest).Open();
                target.Write(bytes);
            }

        return to.ToArray();
    }

    /// <summary>The content of a gzip stream, or the stream itself.</summary>
    public static byte[] Gzip(byte[] packed, Dice dice)
    {
        if (dice.OneIn(4)) return Mutator.Mutate(packed, false, dice);
        using var content = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress))
            gzip.CopyTo(content);
        using var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Mutator.Mutate(content.ToArray(), false, dice));
        return to.ToArray();
    }

    /// <summary>Text, packed, and then perhaps damaged once more.</summary>
    public static byte[] Packed(byte[] text, Dice dice)
    {
        using var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Mutator.Mutate(text, true, dice));
        return dice.OneIn(2) ? to.ToArray() : Gzip(to.ToArray(), dice);
    }

    /// <summary>
    /// A PNG file, three times out of four with right checksums; half the damage is in its pixels.
    /// </summary>
    public static byte[] Png(byte[] file, Dice dice)
    {
        byte[] bytes = dice.OneIn(2) ? Pixels(file, dice) : Mutator.Mutate(file, false, dice);
        if (dice.OneIn(4)) return bytes;
        for (int at = 8; at + 12 <= bytes.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            if (length > bytes.Length - at - 12) break;
            Span<byte> body = bytes.AsSpan(at + 4, (int)length + 4);
            BinaryPrimitives.WriteUInt32BigEndian(
                bytes.AsSpan(at + 8 + (int)length), Crc32.HashToUInt32(body));
            at += (int)length + 12;
        }

        return bytes;
    }

    /// <summary>Damage in the rows of an image, filters and all, packed again.</summary>
    private static byte[] Pixels(byte[] file, Dice dice)
    {
        int at = file.AsSpan().IndexOf("IDAT"u8) - 4;
        int length = (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
        using var rows = new MemoryStream();
        using (var zlib = new ZLibStream(
            new MemoryStream(file, at + 8, length), CompressionMode.Decompress))
            zlib.CopyTo(rows);
        using var to = new MemoryStream();
        using (var zlib = new ZLibStream(to, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(Mutator.Mutate(rows.ToArray(), false, dice));
        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, (int)to.Length);
        return
        [
            .. file[..at], .. size, .. "IDAT"u8, .. to.ToArray(), 0, 0, 0, 0,
            .. file[(at + length + 12)..],
        ];
    }

    /// <summary>A safetensors file, three times out of four with its header's length.</summary>
    public static byte[] Safetensors(byte[] file, Dice dice)
    {
        if (dice.OneIn(4)) return Mutator.Mutate(file, false, dice);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        byte[] header = Mutator.Mutate(file[8..(8 + length)], true, dice);
        byte[] size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, header.Length);
        return [.. size, .. header, .. file[(8 + length)..]];
    }

    /// <summary>An array's header can say most that is wrong: half the damage goes there.</summary>
    private static (string Name, byte[] Bytes) Entry(string name, byte[] bytes, Dice dice)
    {
        if (dice.OneIn(20)) return (Name(name, dice), bytes);
        if (!name.EndsWith(".npy", StringComparison.Ordinal) || dice.OneIn(3))
            return (name, Mutator.Mutate(bytes, false, dice));
        int start = Math.Min(10, bytes.Length), end = Math.Min(128, bytes.Length);
        byte[] header = Mutator.Mutate(bytes[start..end], true, dice);
        byte[] made = [.. bytes[..start], .. header, .. bytes[end..]];
        if (made.Length >= 10)
            BinaryPrimitives.WriteUInt16LittleEndian(made.AsSpan(8), (ushort)header.Length);
        return (name, made);
    }

    private static string Name(string name, Dice dice)
    {
        string made = Encoding.UTF8.GetString(
            Mutator.Mutate(Encoding.UTF8.GetBytes(name), true, dice));
        return made.Length is 0 or > 60_000 ? "x.npy" : made;
    }
}

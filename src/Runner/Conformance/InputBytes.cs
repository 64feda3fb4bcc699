using System.Buffers.Binary;
using System.IO.Compression;
using QSim.Simulator;

namespace QSim.Runner.Conformance;

/// <summary>A file's content, decompressed when it is gzip, whatever its name.</summary>
internal static class InputBytes
{
    /// <summary>Reads the whole file.</summary>
    /// <exception cref="InputException">
    /// It is missing, unreadable, or a broken gzip stream.
    /// </exception>
    public static byte[] Read(string path)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes is not [0x1F, 0x8B, ..]) return bytes;
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var content = new MemoryStream();
            gzip.CopyTo(content);
            // The stream ends without a word where the file does; its last four bytes state the
            // length.
            return
                bytes.Length > 18
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(^4)) <= content.Length
                ? content.ToArray()
                : throw new InvalidDataException("the gzip stream is cut short");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Error(path, 1, 1, "there is no such file");
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Error(path, 1, 1, $"cannot be read: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>One line about one place.</summary>
    internal static InputException Error(
        string file, int line, int column, string message,
        string key = "") => new(new InputError(file, line, column, key, message));
}

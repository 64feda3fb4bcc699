using QSim.Simulator;
using QSim.Simulator.Files;

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
            byte[] bytes = ReadPlain(path);
            return Unpacking.IsGzip(bytes) ? Unpacking.Gzip(bytes) : bytes;
        }
        catch (InvalidDataException e)
        {
            throw Error(path, $"cannot be read: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Reads the whole file as it is.</summary>
    /// <exception cref="InputException">It is missing, unreadable, or no regular file.</exception>
    private static byte[] ReadPlain(string path)
    {
        try
        {
            return InputFile.Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Error(path, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>One line about a whole file.</summary>
    internal static InputException Error(string file, string message) =>
        new(InputError.InBinary(file, message));

    /// <summary>One line about one place.</summary>
    internal static InputException Error(
        string file, int line, int column, string message,
        string key = "") => new(new InputError(file, line, column, key, message));
}

using QSim.Simulator.Files;

namespace QSim.Runner.Data;

/// <summary>Files of a dataset; what is wrong with one is said with its path.</summary>
internal static class DataBytes
{
    /// <summary>The whole file.</summary>
    /// <exception cref="RequestException">
    /// It is missing, unreadable, or no regular file.
    /// </exception>
    public static byte[] Read(string path)
    {
        try
        {
            return InputFile.Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Bad(path, e);
        }
    }

    /// <summary>The file, to be read from its start.</summary>
    /// <exception cref="RequestException">
    /// It is missing, unreadable, or no regular file.
    /// </exception>
    public static FileStream Open(string path)
    {
        try
        {
            return InputFile.Open(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Bad(path, e);
        }
    }

    private static RequestException Bad(string path, Exception e) =>
        new($"{path}: {e.Message.TrimEnd('.')}");
}

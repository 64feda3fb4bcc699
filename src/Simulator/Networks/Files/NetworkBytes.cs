using QSim.Simulator.Files;

namespace QSim.Simulator.Networks.Files;

/// <summary>Files that networks are in.</summary>
internal static class NetworkBytes
{
    /// <summary>The most layers of a network.</summary>
    public const int MostLayers = 10_000;

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            return InputFile.Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(InputError.InBinary(path, e.Message.TrimEnd('.')));
        }
    }
}

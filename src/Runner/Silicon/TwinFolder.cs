using System.Text;
using QSim.Runner.Output;
using QSim.Silicon;

namespace QSim.Runner.Silicon;

/// <summary>Writes twins into a folder.</summary>
internal static class TwinFolder
{
    /// <summary>Every file of the twins: circuits, testbenches, vectors, texts.</summary>
    /// <param name="folder">The folder, made where there is none.</param>
    /// <param name="title">What the twins are of.</param>
    /// <param name="set">The twins.</param>
    /// <param name="cancellation">Ends it; nothing is left.</param>
    /// <param name="mutation">A seed for one wrong bit in each layer's vectors.</param>
    /// <exception cref="RequestException">Something else is there already.</exception>
    public static void Write(
        string folder, string title, TwinSet set, CancellationToken cancellation,
        ulong? mutation = null)
    {
        Check(folder);
        IEnumerable<(string, string)> files = set.Twins.SelectMany(t => t.Files(mutation))
            .Concat(MacTwin.Common(Untrusted.Line(title), set.Twins, set.Without));
        StagedFolder.Fill(folder, staged =>
        {
            foreach ((string path, string text) in files.Until(cancellation))
                WholeFile.Replace(Path.Combine(staged, path), Encoding.UTF8.GetBytes(text));
        });
    }

    /// <summary>A folder that is empty, or does not exist.</summary>
    /// <exception cref="RequestException">It is neither.</exception>
    public static void Check(string folder)
    {
        NewFolder.Check(folder, "--out");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new RequestException($"{folder}: holds something already; name another (--out)");
    }
}

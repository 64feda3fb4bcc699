using System.Text;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Silicon.Vectors;

/// <summary>
/// Writes golden vectors, and beside them the set with one wrong bit: the whole folder or nothing.
/// </summary>
internal static class VectorFolder
{
    private const string Mutated = "mutated";

    /// <summary>Writes everything, telling how far it is.</summary>
    /// <param name="folder">A folder that is empty, or does not exist.</param>
    /// <param name="set">The vectors.</param>
    /// <param name="seed">Says which bit of the mutated set is wrong.</param>
    /// <param name="progress">Told a share and a file.</param>
    /// <param name="cancellation">Ends it; nothing is left.</param>
    /// <returns>Where the mutated set is wrong, and how many bytes were written.</returns>
    /// <exception cref="RequestException">Something else is there already.</exception>
    public static VectorManifest Write(
        string folder, VectorSet set, ulong seed, Action<double, string> progress,
        CancellationToken cancellation)
    {
        TwinFolder.Check(folder);
        var wrong = WrongBit.Of(set, seed);
        VectorManifest? manifest = null;
        StagedFolder.Fill(folder, staged =>
        {
            List<VectorFile> files = [];
            (string Path, Func<byte[]> Content)[] all = [.. Files(set, wrong)];
            foreach ((string name, Func<byte[]> content) in all)
            {
                cancellation.ThrowIfCancellationRequested();
                byte[] bytes = content();
                files.Add(new(name, bytes.LongLength, Digest.Of(bytes)));
                Put(Path.Combine(staged, name), bytes);
                progress((double)files.Count / all.Length, name);
            }

            manifest = new VectorManifest(
                VectorManifest.Version, set.Qsim, set.Hardware, set.Program.Name,
                [.. set.Layers.Select(l => set.Program.Layers[l].Name)], set.Images, set.HasSteps,
                wrong, [.. set.Arrays.Select(VectorEntry.Of)], files);
            Put(
                Path.Combine(staged, VectorManifest.Name),
                Encoding.UTF8.GetBytes(Json.Of(manifest)));
        });
        return manifest!;
    }

    private static IEnumerable<(string Path, Func<byte[]> Content)> Files(
        VectorSet set, WrongBit wrong)
    {
        yield return ("README.md", () => Encoding.UTF8.GetBytes(VectorReadme.Of(set, wrong)));
        foreach ((string, Func<byte[]>) file in Formats("", set, set.Arrays, set.Npz()))
            yield return file;
        VectorArray[] changed = [.. wrong.In(set)];
        var byName = changed.ToDictionary(a => a.Name, a => a.Array);
        foreach ((string, Func<byte[]>) file in Formats(
            $"{Mutated}/", set, changed,
            set.Npz().Select(a => (a.Name, byName.GetValueOrDefault(a.Name, a.Array)))))
            yield return file;
    }

    private static IEnumerable<(string Path, Func<byte[]> Content)> Formats(
        string folder, VectorSet set, IReadOnlyList<VectorArray> arrays,
        IEnumerable<(string Name, NpyArray Array)> archive)
    {
        yield return (folder + VectorManifest.Archive, () => Packed(archive));
        foreach (VectorArray array in arrays)
        {
            yield return ($"{folder}hex/{array.Stem}.hex", () => VectorText.Hex(array));
            yield return ($"{folder}csv/{array.Stem}.csv", () => VectorText.Csv(array, set.Images));
        }
    }

    private static byte[] Packed(IEnumerable<(string Name, NpyArray Array)> arrays)
    {
        using var bytes = new MemoryStream();
        NpzFile.Write(bytes, arrays);
        return bytes.ToArray();
    }

    private static void Put(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream file = OwnFile.Create(path);
        file.Write(bytes);
    }
}

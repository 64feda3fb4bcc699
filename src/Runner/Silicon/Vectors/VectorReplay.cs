using System.Globalization;
using System.Text.Json;
using QSim.Kernels.Datapath;
using QSim.Runner.Conformance;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Simulator;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Silicon.Vectors;

/// <summary>
/// Compares what a simulation wrote in the layout of golden vectors with the reference backend, run
/// anew on the network and the images of the vectors' folder.
/// </summary>
internal sealed class VectorReplay
{
    private readonly VectorManifest _manifest;
    private readonly QuantizedProgram _program;
    private readonly LayerRegisters _registers;
    private readonly ReplayOptions _options;

    /// <summary>Reads the folder of the vectors.</summary>
    /// <exception cref="InputException">It is none, or was changed.</exception>
    public VectorReplay(string folder, ReplayOptions options)
    {
        _options = options;
        string file = Path.Combine(folder, VectorManifest.Name);
        try
        {
            _manifest = Json.Parse<VectorManifest>(InputBytes.Read(file));
        }
        catch (JsonException e)
        {
            throw InputBytes.Error(
                file, $"this is not a manifest of vectors: {e.Message.TrimEnd('.')}");
        }

        if (_manifest.WhyNot() is { } reason) throw InputBytes.Error(file, reason);
        string archive = Path.Combine(folder, VectorManifest.Archive);
        byte[] bytes = InputBytes.Read(archive);
        if (_manifest.Files.FirstOrDefault(f => f.Path == VectorManifest.Archive)?.Sha256
            != Digest.Of(bytes))
            throw InputBytes.Error(archive, "this is not the file that manifest.json lists");
        (_program, Registers registers) = TapReplay.Read(archive, bytes);
        if (registers.Images != _manifest.Images.Count)
            throw InputBytes.Error(
                file, $"{_manifest.Images.Count} images where {VectorManifest.Archive} has "
                    + $"{registers.Images}");
        _registers = registers.OfLayers();
    }

    /// <summary>Compares one file, or the files of a folder.</summary>
    /// <exception cref="InputException">Nothing there is a register of the vectors.</exception>
    public ReplayReport Run(string result)
    {
        List<(VectorEntry Entry, string File, FoundRegister Found)> found = [.. Found(result)];
        if (found.Count == 0)
            throw InputBytes.Error(
                result, "there is no register of these vectors in it (files are called "
                    + $"{Listed().First().File}.hex, .csv, or anything.npz)");
        var tally = new ReplayTally(_options.Show);
        for (int layer = 0; layer < _program.Layers.Length; layer++)
        {
            string prefix = $"{_program.Layers[layer].Name}.";
            var ofLayer = found.Where(f =>
                f.Entry.Name.StartsWith(prefix, StringComparison.Ordinal)).ToLookup(
                    f => f.Entry.Name);
            if (ofLayer.Count == 0) continue;
            var comparison = new LayerComparison(_options.Show);
            foreach (Register register in _registers.Of(layer, ofLayer.Contains))
                foreach ((_, string file, FoundRegister values) in ofLayer[register.Name])
                    Compare(comparison, register, file, values);
            comparison.Tell(tally);
        }

        int names = found.Select(f => f.Entry.Name).Distinct().Count();
        long all = found.Sum(f => (long)f.Found.Values.Length);
        return new(
            result, "vectors", tally.Rows, tally.Mismatches, tally.First,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{names} of {Listed().Count()} registers"
                    + $"{(tally.Rows < all ? $", {tally.Rows} of {all} values" : "")}"));
    }

    private void Compare(
        LayerComparison comparison, Register register, string file, FoundRegister values)
    {
        if (values.Values.Length != register.Values.Length)
            throw InputBytes.Error(
                file, $"'{Brief.Name(register.Name)}' has {register.Values.Length} values where "
                    + $"{VectorManifest.Name} says {values.Values.Length}");
        comparison.Add(
            $"{file}: {register.Name}", register, values, i => $"image {_manifest.Images[i]}",
            "the simulation has");
    }

    private IEnumerable<VectorEntry> Listed() =>
        _manifest.Arrays.Where(a => a.Role == VectorRole.Register);

    private IEnumerable<(VectorEntry, string, FoundRegister)> Found(string result)
    {
        if (File.Exists(result)) return OfFile(result);
        if (!Directory.Exists(result)) throw InputBytes.Error(result, "there is no such file");
        string[] kinds = [".hex", ".csv", ".npz"];
        string[] folders =
        [
            .. new[] { "", "hex", "csv" }.Select(f => Path.Combine(result, f))
                .Where(Directory.Exists),
        ];
        return folders
            .SelectMany(Directory.EnumerateFiles)
            .Where(f => kinds.Contains(Path.GetExtension(f).ToLowerInvariant()))
            .Order(StringComparer.Ordinal).SelectMany(OfFile);
    }

    private IEnumerable<(VectorEntry, string, FoundRegister)> OfFile(string file)
    {
        if (file.EndsWith(".npz", StringComparison.OrdinalIgnoreCase)) return OfArchive(file);
        string stem = Path.GetFileNameWithoutExtension(file);
        VectorEntry entry = _manifest.Arrays.FirstOrDefault(a => a.File == stem)
            ?? throw InputBytes.Error(
                file, $"'{Brief.Name(stem)}' is not an array of these vectors (registers: "
                    + $"{Brief.List(Listed().Select(r => r.File))}"
                    + $"{(_manifest.Updates ? "" : "; products and updates need --updates")})");
        return entry.Role != VectorRole.Register
            ? []
            : [(entry, file, new ResultFile(file, entry, _manifest.Images).Read())];
    }

    private IEnumerable<(VectorEntry, string, FoundRegister)> OfArchive(string file)
    {
        var arrays = new Dictionary<string, NpyArray>(
            ConvolutionReplay.Arrays(file, InputBytes.Read(file)));
        var named = new NamedArrays(arrays);
        foreach (VectorEntry entry in Listed().Where(r => named.Has(r.Name)))
        {
            FoundRegister found;
            try
            {
                found = new(named.Integers(entry.Name, entry.Length));
            }
            catch (InvalidDataException e)
            {
                throw InputBytes.Error(file, e.Message.TrimEnd('.'));
            }

            yield return (entry, file, found);
        }
    }
}

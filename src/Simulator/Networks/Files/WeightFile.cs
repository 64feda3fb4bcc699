using QSim.Simulator.Arrays;
using QSim.Simulator.Networks.Files.PyTorch;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Networks.Files;

/// <summary>
/// The arrays of a .npz or .safetensors file, or of one that PyTorch saved.
/// </summary>
internal sealed class WeightFile
{
    private static readonly Dictionary<
        string,
        Func<byte[], Dictionary<string, string>, IReadOnlyDictionary<string, NpyArray>>> Formats =
        new()
        {
            [".npz"] = NpzFile.Read,
            [".safetensors"] = (content, _) => Safetensors.Read(content),
            [".pt"] = (content, _) => PyTorchFile.Read(content),
            [".pth"] = (content, _) => PyTorchFile.Read(content),
        };

    private readonly string _file, _prefix;
    private readonly IReadOnlyDictionary<string, NpyArray> _arrays;

    /// <summary>Arrays of types that are not read, and why not: bad only if asked for.</summary>
    private readonly Dictionary<string, string> _others = [];

    /// <summary>Reads the arrays of a file.</summary>
    /// <exception cref="InputException">It is damaged, or of another kind.</exception>
    /// <param name="content">The file's bytes.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="prefix">What stands before every array's name.</param>
    public WeightFile(byte[] content, string file, string prefix = "")
    {
        (_file, _prefix) = (file, prefix);
        try
        {
            _arrays = Formats.TryGetValue(Path.GetExtension(file).ToLowerInvariant(), out var read)
                ? read(content, _others)
                : throw new InvalidDataException(
                    "weights of this kind are not supported " +
                    $"(supported: {string.Join(", ", Formats.Keys)})");
        }
        catch (InvalidDataException e)
        {
            throw new InputException(InputError.InBinary(file, e.Message.TrimEnd('.')));
        }
    }

    /// <summary>
    /// An array as float32, and its shape; null where there is none of that name.
    /// </summary>
    /// <exception cref="InputException">
    /// It holds no floats, or has another number of dimensions.
    /// </exception>
    public (float[] Values, int[] Shape)? Find(MapNode layer, string name, int dimensions)
    {
        if (_others.TryGetValue(_prefix + name, out string? unread))
            throw Fail(layer, $"'{name}': {unread}");
        if (!_arrays.TryGetValue(_prefix + name, out NpyArray? array)) return null;
        if (array.Type is not ("<f2" or "<f4" or "<f8"))
            throw Fail(
                layer,
                $"'{name}' holds elements of type '{array.Type}' (supported: float16, float32, "
                    + "float64)");
        return array.Shape.Length == dimensions
            ? (Array.ConvertAll(array.ToReals(), v => (float)v), [.. array.Shape])
            : throw Fail(
                layer,
                $"'{name}' is ({string.Join(", ", array.Shape)}), where {dimensions} dimensions "
                    + "are needed");
    }

    /// <summary>The same, of an array that has to be there.</summary>
    /// <exception cref="InputException">It is not, or does not fit.</exception>
    public (float[] Values, int[] Shape) Get(MapNode layer, string name, int dimensions) =>
        Find(layer, name, dimensions)
        ?? throw Fail(layer, $"has no array '{_prefix}{name}'{Hint(_prefix + name)}");

    /// <summary>Whether there is an array of a name.</summary>
    public bool HasArray(string name) => _arrays.ContainsKey(_prefix + name);

    /// <summary>Whole numbers that have to be there.</summary>
    /// <param name="layer">Whose they are, for messages.</param>
    /// <param name="name">Of the array.</param>
    /// <param name="dimensions">How many it has; null for any.</param>
    /// <exception cref="InputException">They are not, or are no whole numbers.</exception>
    public (long[] Values, int[] Shape) Integers(MapNode layer, string name, int? dimensions)
    {
        if (!_arrays.TryGetValue(_prefix + name, out NpyArray? found))
            throw Fail(layer, $"has no array '{_prefix}{name}'{Hint(_prefix + name)}");
        if (!found.IsInteger)
            throw Fail(
                layer, $"'{name}' holds elements of type '{found.Type}' (supported: integers of 8 "
                    + "to 64 bits)");
        return dimensions is null || found.Shape.Length == dimensions
            ? (found.ToIntegers(), [.. found.Shape])
            : throw Fail(
                layer, $"'{name}' is ({string.Join(", ", found.Shape)}), where {dimensions} "
                    + "dimensions are needed");
    }

    /// <summary>Real numbers; none where there is no such array and a count is given.</summary>
    /// <param name="layer">Whose they are, for messages.</param>
    /// <param name="name">Of the array.</param>
    /// <param name="count">How many there may be; null for any, which have to be there.</param>
    /// <exception cref="InputException">They do not fit.</exception>
    public double[] Reals(MapNode layer, string name, int? count)
    {
        if (!_arrays.TryGetValue(_prefix + name, out NpyArray? array))
            return count is not null
                ? []
                : throw Fail(layer, $"has no array '{_prefix}{name}'{Hint(_prefix + name)}");
        if (array.IsText)
            throw Fail(layer, $"'{name}' holds text");
        double[] values = array.ToReals();
        return count is null || values.Length == count
            ? values
            : throw Fail(layer, $"'{name}' has {values.Length} values, not {count}");
    }

    /// <summary>An array of that name inside of something else, or one called almost so.</summary>
    private string Hint(string name) => _others.TryGetValue(name, out string? unread)
        ? $": {unread}"
        : _arrays.Keys.FirstOrDefault(
            k => k.EndsWith("." + name, StringComparison.Ordinal)) is { } nested
            ? $"; '{nested}' is there (say prefix: {nested[..^name.Length]})"
            : Suggestion.Hint(name, _arrays.Keys);

    /// <summary>One number per channel that has to be there.</summary>
    public float[] PerChannel(MapNode layer, string name) => Get(layer, name, 1).Values;

    private InputException Fail(MapNode layer, string why) => new(layer.Error($"{_file}: {why}"));
}

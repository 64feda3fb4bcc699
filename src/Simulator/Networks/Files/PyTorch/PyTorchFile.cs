using System.Collections.Immutable;
using System.IO.Compression;
using QSim.Simulator.Arrays;
using QSim.Simulator.Files;

namespace QSim.Simulator.Networks.Files.PyTorch;

/// <summary>
/// The tensors in a file of <c>torch.save</c> or <c>torch.jit.save</c>: since PyTorch 1.6 a ZIP
/// archive of a pickle that says what tensors there are, and their storages. Of a TorchScript
/// archive the code is left alone, so a file can do no more than be wrong.
/// </summary>
internal sealed class PyTorchFile
{
    private const byte PickleStart = 0x80;
    private const int DeepestNesting = 100;
    private const int MostValues = 1_000_000;
    private const int LongestName = 1000;

    private static readonly string[] Transparent = ["_parameters", "_buffers", "_modules"];

    private readonly PyTorchStorages _storages;
    private readonly Dictionary<string, NpyArray> _arrays = [];
    private int _values;

    private PyTorchFile(PyTorchStorages storages) => _storages = storages;

    /// <summary>Every tensor, under its name in <c>state_dict</c>.</summary>
    /// <exception cref="InvalidDataException">The file is none, or damaged.</exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(byte[] content)
    {
        if (LegacyPyTorchFile.Is(content))
        {
            var legacy = new LegacyPyTorchFile(content);
            return Collect(new(legacy.Bytes, new Unpacking(content.Length)), legacy.Saved);
        }

        if (content is [PickleStart, ..])
            throw new InvalidDataException("a pickle, but not one that torch.save wrote");
        using ZipArchive archive = Open(content);
        var unpacking = new Unpacking(content.Length);
        var entries = new PyTorchArchive(archive, unpacking);
        return Collect(
            new(entries.Storage, unpacking), PickleReader.Read(entries.Pickle()));
    }

    private static Dictionary<string, NpyArray> Collect(PyTorchStorages storages, object? saved)
    {
        var file = new PyTorchFile(storages);
        file.Collect("", saved, 0);
        return file._arrays;
    }

    private static ZipArchive Open(byte[] content)
    {
        try
        {
            return Unpacking.Zip(content);
        }
        catch (InvalidDataException)
        {
            throw new InvalidDataException("not a file of PyTorch's, or cut short");
        }
    }

    /// <summary>
    /// Goes through maps and modules. A hostile pickle may nest what it holds, or name it many
    /// times over.
    /// </summary>
    private void Collect(string name, object? value, int depth)
    {
        if (depth > DeepestNesting || ++_values > MostValues || name.Length > LongestName)
            throw new InvalidDataException("its pickle nests more than any network does");
        switch (value)
        {
            case PickledCall { Function: "torch._utils._rebuild_tensor_v2" } call:
                _arrays[name] = Tensor(name, call.Arguments);
                break;
            case PickledCall
            {
                Function: "torch._utils._rebuild_parameter", Arguments: [var data, ..],
            }:
                Collect(name, data, depth + 1);
                break;
            case PickledCall { State: { } state }:
                Collect(name, state, depth + 1);
                break;
            case PickledMap map:
                foreach ((object? key, object? item) in map.Entries)
                    if (key is string or long)
                        Collect(Join(name, $"{key}"), item, depth + 1);
                break;
        }
    }

    /// <summary>A module pickled whole keeps its parts in dictionaries of these names.</summary>
    private static string Join(string name, string key) =>
        Transparent.Contains(key) ? name
        : name.Length == 0 ? key
        : $"{name}.{key}";

    private NpyArray Tensor(string name, object?[] arguments)
    {
        if (arguments is not
            [PickledReference storage, long offset, object?[] shape, object?[] strides, ..])
            throw new InvalidDataException($"tensor '{Brief.Name(name)}' is damaged");
        if (shape.Length != strides.Length || !AreLengths(shape) || !AreLengths(strides))
            throw new InvalidDataException($"tensor '{Brief.Name(name)}' has no shape");
        return _storages.Tensor(name, storage, offset, Lengths(shape), Lengths(strides));
    }

    private static bool AreLengths(object?[] values) =>
        values.All(v => v is long and >= 0 and <= int.MaxValue);

    private static ImmutableArray<int> Lengths(object?[] values) =>
        [.. values.Select(v => (int)(long)v!)];
}

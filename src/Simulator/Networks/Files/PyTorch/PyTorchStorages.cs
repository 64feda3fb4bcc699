using System.Collections.Immutable;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;
using QSim.Simulator.Files;

namespace QSim.Simulator.Networks.Files.PyTorch;

/// <summary>Tensors out of the storages of a PyTorch file.</summary>
/// <param name="storage">
/// The bytes of a storage, by its key, and how many there may be; refuses a damaged file.
/// </param>
/// <param name="unpacking">Bounds what all tensors take.</param>
internal sealed class PyTorchStorages(Func<string, int, byte[]> storage, Unpacking unpacking)
{
    private const string Brain = "torch.BFloat16Storage";

    private static readonly Dictionary<string, string> NumpyTypes = new()
    {
        ["torch.FloatStorage"] = "<f4",
        ["torch.HalfStorage"] = "<f2",
        [Brain] = "<f2",
        ["torch.DoubleStorage"] = "<f8",
        ["torch.ByteStorage"] = "|u1",
        ["torch.CharStorage"] = "|i1",
        ["torch.ShortStorage"] = "<i2",
        ["torch.IntStorage"] = "<i4",
        ["torch.LongStorage"] = "<i8",
    };

    private readonly Dictionary<string, byte[]> _storages = [];

    /// <summary>
    /// A tensor out of its storage. Elements of types without a name in NumPy are left out and
    /// their type named, for whoever needs the array.
    /// </summary>
    /// <param name="name">For messages.</param>
    /// <param name="from">As pickled: 'storage', type, name, device, number of elements.</param>
    /// <param name="offset">Index of the first element.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="strides">Elements from one index to the next, by dimension.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public NpyArray Tensor(
        string name, PickledReference from, long offset, ImmutableArray<int> shape,
        ImmutableArray<int> strides)
    {
        if (from.Id is not
            ["storage", PickledName type, string key, string, long elements, .. var view]
            || view is not ([] or [null]))
            throw new InvalidDataException($"tensor '{Brief.Name(name)}' has no storage");
        if (!NumpyTypes.TryGetValue(type.Name, out string? numpy))
            return new(type.Name.Replace("Storage", ""), shape, []);
        int size = numpy[^1] - '0';
        if (elements is < 0 or > int.MaxValue / sizeof(double))
            throw new InvalidDataException(
                $"tensor '{Brief.Name(name)}': {elements} elements are too many");
        long count = 1, reach = 0;
        for (int i = 0; i < shape.Length; i++)
        {
            count = Math.Min(count, int.MaxValue) * shape[i];
            reach = Math.Min(reach, int.MaxValue) + ((shape[i] - 1L) * strides[i]);
        }

        bool isInside = offset >= 0 && offset <= elements && count <= elements
            && (count == 0 || reach < elements - offset);
        if (!isInside)
            throw new InvalidDataException($"tensor '{Brief.Name(name)}' lies outside its storage");
        if (!_storages.TryGetValue(key, out byte[]? bytes))
            _storages[key] = bytes = storage(key, (int)elements * size);
        if (bytes.Length != elements * size)
            throw new InvalidDataException(
                $"damaged: storage '{Brief.Name(key)}' has {bytes.Length} bytes where "
                    + $"{elements * size} are needed");
        bool isBrain = type.Name == Brain;
        unpacking.Take(count * (isBrain ? sizeof(float) : size));
        byte[] data = Gather(bytes, size, (int)count, (int)offset, shape, strides);
        return isBrain
            ? new("<f4", shape, Bfloat16.Widened(data))
            : new(numpy, shape, data);
    }

    /// <summary>The elements in C order.</summary>
    private static byte[] Gather(
        byte[] storage, int size, int count, int offset, ImmutableArray<int> shape,
        ImmutableArray<int> strides)
    {
        byte[] data = new byte[Sizes.Elements(count, size)];
        int[] index = new int[shape.Length];
        for (int i = 0, at = offset; i < count; i++)
        {
            storage.AsSpan(at * size, size).CopyTo(data.AsSpan(i * size));
            for (int d = shape.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < shape[d]) break;
                at -= shape[d] * strides[d];
                index[d] = 0;
            }
        }

        return data;
    }
}

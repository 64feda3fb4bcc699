using System.Collections.Immutable;
using System.Runtime.InteropServices;
using QSim.Simulator.Arrays;
using TorchSharp;
using static TorchSharp.torch;

namespace QSim.Attacks.Gradients.TorchSharp;

/// <summary>What libtorch reads from a TorchScript archive.</summary>
internal static class TorchScriptArchive
{
    /// <summary>The parameters and buffers, under the names of <c>state_dict</c>.</summary>
    /// <exception cref="InvalidDataException">libtorch cannot read it.</exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(byte[] content)
    {
        using DisposeScope scope = NewDisposeScope();
        try
        {
            using jit.ScriptModule module = jit.load(content, DeviceType.CPU);
            var arrays = new Dictionary<string, NpyArray>();
            foreach ((string name, Tensor value) in module.named_parameters())
                arrays[name] = Array(value);
            foreach ((string name, Tensor value) in module.named_buffers())
                arrays[name] = Array(value);
            return arrays;
        }
        catch (ExternalException e)
        {
            throw new InvalidDataException(
                $"libtorch cannot read it: {e.Message.Split('\n')[0].Trim()}");
        }
    }

    /// <summary>
    /// Elements of other types are left out and their type named, for whoever needs the array.
    /// </summary>
    private static NpyArray Array(Tensor tensor)
    {
        ImmutableArray<int> shape = [.. tensor.shape.Select(extent => checked((int)extent))];
        string? type = tensor.dtype switch
        {
            ScalarType.Float32 => "<f4",
            ScalarType.Float64 => "<f8",
            ScalarType.Int32 => "<i4",
            ScalarType.Int64 => "<i8",
            _ => null,
        };
        return type is null
            ? new(tensor.dtype.ToString(), shape, [])
            : new(type, shape, tensor.detach().cpu().contiguous().bytes.ToArray());
    }
}

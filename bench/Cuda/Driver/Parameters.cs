using QSim.CudaDriver.Machine;

namespace QSim.CudaDriver.Driver;

/// <summary>What a kernel is launched with.</summary>
internal static unsafe class Parameters
{
    private const nint Pointer = 1;
    private const nint Size = 2;

    /// <summary>Copies parameters: from an address each, or from a block with its size.</summary>
    /// <exception cref="CudaException">The block is too small.</exception>
    public static ReadOnlySpan<byte> Of(Kernel kernel, void** arguments, void** block)
    {
        var bytes = new byte[kernel.ParameterBytes];
        if (arguments != null)
        {
            foreach ((int i, Place place) in kernel.Parameters.Index())
                new ReadOnlySpan<byte>(arguments[i], place.Declaration.Bytes)
                    .CopyTo(bytes.AsSpan(place.Offset));
            return bytes;
        }

        void* start = null;
        long length = 0;
        for (; block != null && *block != null; block += 2)
            if ((nint)block[0] == Pointer) start = block[1];
            else if ((nint)block[0] == Size) length = (long)*(nint*)block[1];
        if (length < bytes.Length)
            throw new CudaException(
                CudaResult.InvalidValue,
                $"{kernel.Name} takes {bytes.Length} bytes of parameters, got {length}");
        new ReadOnlySpan<byte>(start, bytes.Length).CopyTo(bytes);
        return bytes;
    }
}

using ILGPU;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>The images of a run: on the host, or on the device already.</summary>
internal readonly ref struct ImageSource
{
    private readonly ReadOnlySpan<long> _host;
    private readonly ArrayView<int> _device;

    public ImageSource(ReadOnlySpan<long> host) => _host = host;

    public ImageSource(ArrayView<int> device)
    {
        _device = device;
        IsOnDevice = true;
    }

    /// <summary>Whether <see cref="Device"/> has them, else <see cref="Host"/>.</summary>
    public bool IsOnDevice { get; }

    /// <summary>Some values on the device.</summary>
    public ArrayView<int> Device(int first, int count) => _device.SubView(first, count);

    /// <summary>Some values on the host.</summary>
    public ReadOnlySpan<long> Host(int first, int count) => _host.Slice(first, count);
}

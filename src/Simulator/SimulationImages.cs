using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;

namespace QSim.Simulator;

/// <summary>
/// Real images that several simulations run on. A backend with memory of its own has them there
/// once for each input stage, however many simulations share it; others quantize what they run, as
/// they go.
/// </summary>
/// <param name="pixels">
/// Images one after another, values in [0, 1]; not changed while this is in use.
/// </param>
/// <param name="length">Values of one image.</param>
public sealed class SimulationImages(float[] pixels, int length) : IDisposable
{
    private readonly Dictionary<(string Backend, InputStage Stage), ResidentImages> _kept = [];

    /// <summary>How many images.</summary>
    public int Count => pixels.Length / length;

    /// <summary>The pixels.</summary>
    public float[] Pixels => pixels;

    /// <summary>Some of the pixels.</summary>
    public ReadOnlySpan<float> Slice(int first, int count) =>
        pixels.AsSpan(first * length, count * length);

    /// <summary>
    /// Raw images as a simulation's input stage has them, in its backend's memory.
    /// </summary>
    internal ResidentImages For(Simulation simulation, IBackend backend)
    {
        var key = (backend.Name, simulation.Program.Input);
        if (_kept.TryGetValue(key, out ResidentImages? images)) return images;
        return _kept[key] = backend.Keep(new(Count, length, (i, raw) =>
            simulation.Input.Quantize(pixels.AsSpan(i * length, length), raw)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ResidentImages images in _kept.Values) images.Dispose();
        _kept.Clear();
    }
}

using QSim.Simulator.Networks;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Studies;

/// <summary>
/// What networks' tensors hold over the calibration images, collected once for each network: a run
/// that quantizes again, for its examples, finds it here.
/// </summary>
internal sealed class Calibrations
{
    private readonly Dictionary<string, CalibrationSet> _known = [];

    /// <summary>Of a network, by its parameters.</summary>
    /// <param name="network">The network.</param>
    /// <param name="images">The calibration images, the same for all.</param>
    public CalibrationSet Of(FloatNetwork network, ReadOnlyMemory<float> images)
    {
        string key = NetworkTrainer.Sha256(network);
        if (!_known.TryGetValue(key, out CalibrationSet? set))
            _known[key] = set = CalibrationSet.Collect(network, images);
        return set;
    }

    /// <summary>Lets go of all but ranges.</summary>
    public void Release()
    {
        foreach (CalibrationSet set in _known.Values) set.Release();
    }
}

using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// A float network on a datapath: scales chosen, weights and biases made raw, stages fixed.
/// </summary>
public static class Quantizer
{
    /// <summary>
    /// Whether scales are chosen from images: of a network that is not quantized, or whose image
    /// is not.
    /// </summary>
    public static bool Calibrates(FloatNetwork network)
    {
        if (!network.IsQuantized) return true;
        if (DynamicGraph.Takes(network)) return false;
        var ends = new GraphEnds(network);
        int image = BatchNormFolding.Preprocessing(network) is null ? 0 : 1;
        return ends.FirstQuantizer(image) is null && !ends.MeetsNumbers(0)
            && !ends.MeetsNumbers(image);
    }

    /// <summary>Quantizes a network after training.</summary>
    /// <param name="network">The float network.</param>
    /// <param name="datapath">The hardware.</param>
    /// <param name="calibrationImages">
    /// Images one after another, values in [0, 1]: what calibrated scales are chosen from.
    /// </param>
    /// <param name="seed">Key of stochastic rounding.</param>
    /// <exception cref="QuantizationException">
    /// The network asks what the datapath cannot do.
    /// </exception>
    /// <exception cref="InputException">An override of the profile matches no layer.</exception>
    /// <exception cref="ArgumentException">The images do not fit the network.</exception>
    public static QuantizedProgram Quantize(
        FloatNetwork network, Datapath datapath, ReadOnlyMemory<float> calibrationImages,
        ulong seed = 0) =>
        Quantize(network, datapath, CalibrationSet.Collect(network, calibrationImages), seed);

    /// <summary>
    /// Quantizes a network from values collected before, to share them among profiles.
    /// </summary>
    /// <exception cref="QuantizationException">
    /// The network asks what the datapath cannot do.
    /// </exception>
    /// <exception cref="InputException">An override of the profile matches no layer.</exception>
    public static QuantizedProgram Quantize(
        FloatNetwork network, Datapath datapath, CalibrationSet calibration, ulong seed = 0)
    {
        if (DynamicGraph.Takes(network)) return DynamicGraph.Build(network, datapath, seed);
        if (network.IsQuantized) return QuantizedGraph.Build(network, datapath, calibration, seed);
        var build = new ProgramBuilder(network, datapath, calibration);
        IReadOnlyList<InputError> unmatched = datapath.Unmatched([
            .. build.HardwareLayers.Select(l => (l.Kind, l.Name)),
        ]);
        if (unmatched.Count > 0)
            throw new InputException(unmatched);
        for (int i = 0; i < network.Layers.Length; i++) build.Add(i);
        return build.Finish(seed);
    }
}

using QSim.Runner.Conformance;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Explanations;

/// <summary>Which registers of which images somebody asks for.</summary>
/// <param name="images">Indices of the images; null for all.</param>
/// <param name="steps">Whether products and accumulators are wanted.</param>
internal sealed class TapRequest(IReadOnlyList<int>? images, bool steps)
{
    private const long MostValues = 1L << 27;

    /// <summary>A request: <c>3</c>, <c>0,3,8</c>, <c>0..9</c> or <c>all</c>.</summary>
    /// <exception cref="RequestException">It is none of these.</exception>
    public static TapRequest Parse(string text, bool steps) =>
        new(ImageIndices.Parse(text, "--image"), steps);

    /// <summary>The images that are named.</summary>
    public IReadOnlyList<int> Named => images ?? [];

    /// <summary>The arrays.</summary>
    /// <param name="hardware">The network on its hardware.</param>
    /// <param name="layers">Indices of the layers wanted.</param>
    /// <exception cref="RequestException">They are too many for one file.</exception>
    public IEnumerable<(string Name, NpyArray Array)> Of(TrainedHardware hardware, int[] layers)
    {
        int[] all = [.. images ?? Enumerable.Range(0, hardware.Images.Count)];
        long values = Registers.Count(hardware.Program, all.Length, layers, steps);
        if (values > MostValues)
            throw new RequestException(
                $"--image: {all.Length} images have {values} values (at most {MostValues}): take "
                    + "fewer images, one --layer, or --outputs-only");
        return new Registers(
            hardware.Program, all, [.. all.Select(i => hardware.Tensors(i))]).Of(layers, steps);
    }
}

using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>
/// Queues the kernel of four filters for a layer: in 32 bits where they are enough
/// (<see cref="NarrowUpdate"/>), else in 64.
/// </summary>
/// <param name="layer">The layer.</param>
/// <param name="kernels">The device's kernels.</param>
/// <param name="constants">The layer's constants, its weights by fours.</param>
internal sealed class FourLauncher(MacLayer layer, KernelSet kernels, MacConstants constants)
{
    private readonly NarrowUpdate? _narrow = NarrowUpdate.Of(layer);

    /// <summary>Queues it.</summary>
    /// <param name="launch">What a run brings.</param>
    /// <param name="marks">Bounds among which marked ones are looked for.</param>
    /// <param name="modes">The datapath's modes.</param>
    /// <param name="isMarked">Whether only outputs are computed whose bound is marked.</param>
    public void Launch(in LayerLaunch launch, ExactSums marks, MacModes modes, bool isMarked)
    {
        MacOperands from = constants.With(launch.Inputs[0]);
        MacSizes sizes = constants.Sizes;
        int fours = PackedWeights.Units(sizes.Window.ToChannels, FourMacKernel.Filters);
        int threads = launch.Images * fours * sizes.Window.ToPositions, marked = isMarked ? 1 : 0;
        if (_narrow is { } update && modes.Narrow == 1)
        {
            NarrowModes narrow = new(modes, marked, update, layer.Geometry.HasPadding ? 1 : 0);
            if (kernels.Specializes)
                kernels.NarrowFour(
                    launch.Stream, threads, from, constants.Fours, marks, launch.Results, sizes,
                    launch.Key, SpecializedValue.New(narrow));
            else
                kernels.AnyNarrowFour(
                    launch.Stream, threads, from, constants.Fours, marks, launch.Results, sizes,
                    launch.Key, narrow);
            return;
        }

        FourModes wide = new(modes, marked);
        if (kernels.Specializes)
            kernels.FourMac(
                launch.Stream, threads, from, marks, launch.Results, sizes, launch.Key,
                SpecializedValue.New(wide));
        else
            kernels.AnyFourMac(
                launch.Stream, threads, from, marks, launch.Results, sizes, launch.Key, wide);
    }
}

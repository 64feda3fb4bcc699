using ILGPU;
using ILGPU.Runtime;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>One layer working on the images of one lane.</summary>
/// <param name="Stream">Where kernels queue.</param>
/// <param name="Inputs">The tensors it reads, in the layer's order.</param>
/// <param name="Output">
/// The tensor it writes; that of the next layer where <paramref name="Fused"/>.
/// </param>
/// <param name="Events">Flags of each output element; empty when not collected.</param>
/// <param name="Scratch">
/// Room for <see cref="DeviceLayer.ScratchPerImage"/> times the images.
/// </param>
/// <param name="Images">How many images.</param>
/// <param name="Key">Of the random bits.</param>
/// <param name="Fused">Whether to do the next layer's work, too.</param>
internal readonly record struct LayerLaunch(
    AcceleratorStream Stream,
    ArrayView<int>[] Inputs,
    ArrayView<int> Output,
    ArrayView<int> Events,
    ArrayView<long> Scratch,
    int Images,
    RunKey Key,
    bool Fused)
{
    /// <summary>What a kernel fills.</summary>
    public LayerResults Results => new(Output, Events);

    /// <summary>1 when events are collected.</summary>
    public int CollectsEvents => Events.Length > 0 ? 1 : 0;
}

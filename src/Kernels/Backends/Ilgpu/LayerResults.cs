using ILGPU;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>What a kernel fills.</summary>
/// <param name="Output">Raw outputs.</param>
/// <param name="Events">Each output's flags; empty when not collected.</param>
internal readonly record struct LayerResults(ArrayView<int> Output, ArrayView<int> Events);

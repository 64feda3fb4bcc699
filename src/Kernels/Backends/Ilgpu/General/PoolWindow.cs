using ILGPU;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>A pooling window as kernels read it.</summary>
/// <param name="Shape">The window, with one group per channel.</param>
/// <param name="Taps">The walk through it.</param>
internal readonly record struct PoolWindow(WindowShape Shape, ArrayView<Tap> Taps);

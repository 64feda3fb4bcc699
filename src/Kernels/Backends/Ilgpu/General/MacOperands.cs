using ILGPU;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>What a kernel over products reads.</summary>
/// <param name="Input">Raw inputs of the batch.</param>
/// <param name="Weights">
/// [step][output channel], so that the threads of a dense layer read side by side.
/// </param>
/// <param name="Bias">Per output channel.</param>
/// <param name="Requantization">Per output channel.</param>
/// <param name="Taps">The walk through the window.</param>
internal readonly record struct MacOperands(
    ArrayView<int> Input, ArrayView<int> Weights, ArrayView<long> Bias,
    ArrayView<Requantization> Requantization, ArrayView<Tap> Taps);

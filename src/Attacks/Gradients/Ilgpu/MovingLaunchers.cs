using ILGPU;
using ILGPU.Runtime;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>Those that move values, and have a function of each value.</summary>
internal sealed partial class GradientKernels
{
    /// <summary><see cref="MovingKernels.Rearrange"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>,
        int> Rearrange =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>,
            int>(MovingKernels.Rearrange);

    /// <summary><see cref="MovingKernels.RearrangeGradient"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<int>, Target, int,
        Ending> RearrangeGradient =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<int>, ArrayView<int>, Target, int,
            Ending>(MovingKernels.RearrangeGradient);

    /// <summary><see cref="MovingKernels.Function"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, PointFunction, float,
        float> Function =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, PointFunction, float,
            float>(MovingKernels.Function);

    /// <summary><see cref="MovingKernels.FunctionGradient"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, Target, PointConstants,
        Ending> FunctionGradient =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, Target, PointConstants,
            Ending>(MovingKernels.FunctionGradient);
}

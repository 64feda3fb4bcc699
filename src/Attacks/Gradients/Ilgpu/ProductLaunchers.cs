using ILGPU;
using ILGPU.Runtime;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>Those that sum up products.</summary>
internal sealed partial class GradientKernels
{
    /// <summary><see cref="ProductKernels.Walk"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ProductOperands, Target, ProductShape, Ending,
        ProductWindow> Walk =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ProductOperands, Target, ProductShape, Ending,
            ProductWindow>(ProductKernels.Walk, Group);

    /// <summary><see cref="ProductKernels.WalkCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ProductOperands, Target,
        SpecializedValue<ProductTask>> WalkCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ProductOperands, Target,
            SpecializedValue<ProductTask>>(ProductKernels.WalkCompiled, Group);

    /// <summary><see cref="ProductKernels.Slide"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ProductOperands, Target, ProductShape, Ending,
        ProductWindow> Slide =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ProductOperands, Target, ProductShape, Ending,
            ProductWindow>(ProductKernels.Slide, Group);

    /// <summary><see cref="ProductKernels.SlideCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ProductOperands, Target,
        SpecializedValue<ProductTask>> SlideCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ProductOperands, Target,
            SpecializedValue<ProductTask>>(ProductKernels.SlideCompiled, Group);

    /// <summary><see cref="PooledKernel.SlideCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ProductOperands, ArrayView<float>, ArrayView<byte>,
        SpecializedValue<PooledTask>> PooledCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ProductOperands, ArrayView<float>, ArrayView<byte>,
            SpecializedValue<PooledTask>>(PooledKernel.SlideCompiled, Group);

    /// <summary><see cref="SpreadKernel.WideCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ProductOperands, ArrayView<byte>, Target,
        SpecializedValue<ProductTask>> SpreadCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ProductOperands, ArrayView<byte>, Target,
            SpecializedValue<ProductTask>>(SpreadKernel.WideCompiled, Group);

    /// <summary><see cref="SpreadKernel.NarrowCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, NarrowOperands, ArrayView<byte>, Target,
        SpecializedValue<ProductTask>> SpreadNarrowCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, NarrowOperands, ArrayView<byte>, Target,
            SpecializedValue<ProductTask>>(SpreadKernel.NarrowCompiled, Group);

    /// <summary><see cref="PoolKernels.MaxNotedCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<byte>,
        SpecializedValue<PoolTask>> MaxNotedCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, ArrayView<byte>,
            SpecializedValue<PoolTask>>(PoolKernels.MaxNotedCompiled, Group);

    /// <summary><see cref="PoolKernels.NoteCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<byte>,
        SpecializedValue<PoolTask>> NoteCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<byte>,
            SpecializedValue<PoolTask>>(PoolKernels.NoteCompiled, Group);

    /// <summary><see cref="PoolKernels.SpreadNotedCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<byte>, ArrayView<float>, ArrayView<float>,
        SpecializedValue<PoolShape>> SpreadNotedCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ArrayView<byte>, ArrayView<float>, ArrayView<float>,
            SpecializedValue<PoolShape>>(PoolKernels.SpreadNotedCompiled, Group);

    /// <summary><see cref="ProductKernels.Point"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ProductOperands, Target, ProductShape, Ending> Point =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ProductOperands, Target, ProductShape, Ending>(ProductKernels.Point, Group);

    /// <summary><see cref="ProductKernels.PointCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ProductOperands, Target,
        SpecializedValue<ProductTask>> PointCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ProductOperands, Target,
            SpecializedValue<ProductTask>>(ProductKernels.PointCompiled, Group);

    /// <summary>Whether groups are large enough for <see cref="DenseKernel"/>.</summary>
    public bool SharesChannels => _on.MaxNumThreadsPerGroup >= DenseKernel.Threads;

    /// <summary><see cref="DenseKernel.Run"/>.</summary>
    public Action<
        AcceleratorStream, KernelConfig, ProductOperands, Target, ProductShape, Ending> Dense =>
        field ??= _on.LoadKernel<
            ProductOperands, Target, ProductShape, Ending>(DenseKernel.Run);

    /// <summary><see cref="DenseKernel.RunCompiled"/>.</summary>
    public Action<
        AcceleratorStream, KernelConfig, ProductOperands, Target, SpecializedValue<ProductTask>,
        int> DenseCompiled =>
        field ??= _on.LoadKernel<
            ProductOperands, Target, SpecializedValue<ProductTask>, int>(DenseKernel.RunCompiled);

    /// <summary><see cref="NarrowKernel.Slide"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, NarrowOperands, Target, ProductShape, Ending,
        ProductWindow> Narrow =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, NarrowOperands, Target, ProductShape, Ending,
            ProductWindow>(NarrowKernel.Slide, Group);

    /// <summary><see cref="NarrowKernel.SlideCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, NarrowOperands, Target,
        SpecializedValue<ProductTask>> NarrowCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, NarrowOperands, Target,
            SpecializedValue<ProductTask>>(NarrowKernel.SlideCompiled, Group);
}

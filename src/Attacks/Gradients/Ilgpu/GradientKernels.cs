using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>The kernels of one device, each compiled when first launched and then kept.</summary>
internal sealed partial class GradientKernels
{
    private static readonly ConditionalWeakTable<DeviceSession, GradientKernels> Known = [];

    private readonly ConcurrentDictionary<MethodInfo, Delegate> _own = [];
    private readonly Accelerator _on;
    private readonly bool _specializes;

    private GradientKernels(DeviceSession session) =>
        (_on, _specializes) = (session.Accelerator, session.Kernels.Specializes);

    /// <summary>Those of a session.</summary>
    public static GradientKernels Of(DeviceSession session) =>
        Known.GetValue(session, s => new(s));

    /// <summary>A kernel that a layer brings along.</summary>
    /// <param name="load">Compiles it: a static lambda, which stands for the kernel.</param>
    public TLauncher Of<TLauncher>(Func<Accelerator, TLauncher> load)
        where TLauncher : Delegate => (TLauncher)_own.GetOrAdd(load.Method, _ => load(_on));

    /// <summary>
    /// Threads of a group: few, so that a layer with few outputs still has groups for every
    /// multiprocessor and none waits long for a last one.
    /// </summary>
    private int Group => Math.Min(128, _on.MaxNumThreadsPerGroup);

    /// <summary>Whether kernels are compiled for a layer's sizes.</summary>
    public bool Specializes => _specializes;

    /// <summary><see cref="PoolKernels.Max"/>.</summary>
    public Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, PoolShape> Max =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, PoolShape>(PoolKernels.Max, Group);

    /// <summary><see cref="PoolKernels.SpreadMax"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, Target, PoolShape,
        Ending> SpreadMax =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, Target, PoolShape,
            Ending>(PoolKernels.SpreadMax, Group);

    /// <summary><see cref="PoolKernels.MaxCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>,
        SpecializedValue<PoolShape>> MaxCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>,
            SpecializedValue<PoolShape>>(PoolKernels.MaxCompiled, Group);

    /// <summary><see cref="PoolKernels.SpreadMaxCompiled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, Target,
        SpecializedValue<PoolTask>> SpreadMaxCompiled =>
        field ??= _on.LoadImplicitlyGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, Target,
            SpecializedValue<PoolTask>>(PoolKernels.SpreadMaxCompiled, Group);

    /// <summary><see cref="PoolKernels.GatherMax"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, Target, PoolShape,
        Ending> GatherMax =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, Target, PoolShape,
            Ending>(PoolKernels.GatherMax);

    /// <summary><see cref="PoolKernels.Average"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, PoolShape> Average =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, PoolShape>(PoolKernels.Average);

    /// <summary><see cref="PoolKernels.GatherAverage"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, Target, PoolShape, Ending> GatherAverage =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, Target, PoolShape, Ending>(PoolKernels.GatherAverage);

    /// <summary><see cref="ElementKernels.Copy"/>.</summary>
    public Action<AcceleratorStream, Index1D, ArrayView<float>, Target, CopyShape, Ending> Copy =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, Target, CopyShape, Ending>(ElementKernels.Copy);

    /// <summary><see cref="ElementKernels.Add"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, Target, Ending> Add =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, Target, Ending>(ElementKernels.Add);

    /// <summary><see cref="ElementKernels.Scale"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, Target,
        int, Ending> Scale =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, Target, int,
            Ending>(ElementKernels.Scale);

    /// <summary><see cref="ElementKernels.Relu"/>.</summary>
    public Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>> Relu =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>>(ElementKernels.Relu);

    /// <summary><see cref="ElementKernels.Pass"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, Target, Ending> Pass =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, Target, Ending>(ElementKernels.Pass);

    /// <summary><see cref="SmoothKernels.Sigmoid"/>.</summary>
    public Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>> Sigmoid =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>>(SmoothKernels.Sigmoid);

    /// <summary><see cref="SmoothKernels.SigmoidGradient"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, Target,
        Ending> SigmoidGradient =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, Target,
            Ending>(SmoothKernels.SigmoidGradient);

    /// <summary><see cref="SmoothKernels.Tanh"/>.</summary>
    public Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>> Tanh =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>>(SmoothKernels.Tanh);

    /// <summary><see cref="SmoothKernels.TanhGradient"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, Target,
        Ending> TanhGradient =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, Target,
            Ending>(SmoothKernels.TanhGradient);

    /// <summary><see cref="SmoothKernels.Softmax"/>.</summary>
    public Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, int> Softmax =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, int>(SmoothKernels.Softmax);

    /// <summary><see cref="SmoothKernels.SoftmaxGradient"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, Target, int,
        Ending> SoftmaxGradient =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, Target, int,
            Ending>(SmoothKernels.SoftmaxGradient);

    /// <summary><see cref="ImageBlocks.Gather"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, int, int> Gather =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, int, int>(ImageBlocks.Gather);

    /// <summary><see cref="ImageBlocks.Scatter"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, int, int> Scatter =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, int, int>(ImageBlocks.Scatter);

    /// <summary><see cref="ClimbKernels.CrossEntropy"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<ClimbState>,
        ArrayView<int>, int, int> CrossEntropy =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, ArrayView<ClimbState>, ArrayView<int>,
            int, int>(ClimbKernels.CrossEntropy);

    /// <summary><see cref="ClimbKernels.Decide"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<int>, int, int> Decide =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, int, int>(ClimbKernels.Decide);

    /// <summary><see cref="ClimbKernels.Note"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<ClimbState>, int> Note =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<ClimbState>, int>(ClimbKernels.Note);

    /// <summary><see cref="ClimbKernels.Bound"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        double> Bound =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            double>(ClimbKernels.Bound);

    /// <summary><see cref="ClimbKernels.SignStep"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        ArrayView<float>, ArrayView<ClimbState>, ArrayView<int>, int, float> SignStep =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<ClimbState>, ArrayView<int>, int, float>(ClimbKernels.SignStep);

    /// <summary><see cref="ClimbKernels.CountZeros"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<ClimbState>> CountZeros =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<ClimbState>>(ClimbKernels.CountZeros);

    /// <summary><see cref="ClimbKernels.Quantize"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, PixelFormat, int,
        int> Quantize =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<float>, ArrayView<int>, PixelFormat, int,
            int>(ClimbKernels.Quantize);

    /// <summary><see cref="ClimbKernels.Dequantize"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<float>, RealType, int,
        int> Dequantize =>
        field ??= _on.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<float>, RealType, int,
            int>(ClimbKernels.Dequantize);
}

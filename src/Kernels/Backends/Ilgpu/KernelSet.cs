using System.Collections.Concurrent;
using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Backends.Ilgpu.Tiled;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>The kernels of one device, each compiled when first launched and then kept.</summary>
/// <param name="accelerator">The device.</param>
/// <param name="specializes">
/// Whether kernels are compiled for the modes of a layer, or branch on them.
/// </param>
internal sealed class KernelSet(Accelerator accelerator, bool specializes)
{
    private readonly ConcurrentDictionary<MethodInfo, Delegate> _own = [];

    /// <summary>A kernel that a layer brings along.</summary>
    /// <param name="load">Compiles it: a static lambda, which stands for the kernel.</param>
    public TLauncher Of<TLauncher>(Func<Accelerator, TLauncher> load)
        where TLauncher : Delegate =>
        (TLauncher)_own.GetOrAdd(load.Method, _ => load(accelerator));

    /// <summary>Whether kernels are compiled for the modes of a layer.</summary>
    public bool Specializes => specializes;

    /// <summary><see cref="MacKernel.Run"/>; compiled once per <see cref="MacModes"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, MacOperands, LayerResults, MacSizes, RunKey,
        SpecializedValue<MacModes>> Mac =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, MacOperands, LayerResults, MacSizes, RunKey,
            SpecializedValue<MacModes>>(MacKernel.Run);

    /// <summary><see cref="MacKernel.Compute"/>: one kernel that branches on the modes.</summary>
    public Action<
        AcceleratorStream, Index1D, MacOperands, LayerResults, MacSizes, RunKey, MacModes> AnyMac =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, MacOperands, LayerResults, MacSizes, RunKey, MacModes>(MacKernel.Compute);

    /// <summary>
    /// <see cref="FourMacKernel.Run"/>; compiled once per <see cref="FourModes"/>.
    /// </summary>
    public Action<
        AcceleratorStream, Index1D, MacOperands, ExactSums, LayerResults, MacSizes, RunKey,
        SpecializedValue<FourModes>> FourMac =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, MacOperands, ExactSums, LayerResults, MacSizes, RunKey,
            SpecializedValue<FourModes>>(FourMacKernel.Run);

    /// <summary>
    /// <see cref="FourMacKernel.Compute"/>: one kernel that branches on the modes.
    /// </summary>
    public Action<
        AcceleratorStream, Index1D, MacOperands, ExactSums, LayerResults, MacSizes, RunKey,
        FourModes> AnyFourMac =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, MacOperands, ExactSums, LayerResults, MacSizes, RunKey,
            FourModes>(FourMacKernel.Compute);

    /// <summary>
    /// <see cref="NarrowFourKernel.Run"/>; compiled once per <see cref="NarrowModes"/>.
    /// </summary>
    public Action<
        AcceleratorStream, Index1D, MacOperands, ArrayView<FourInts>, ExactSums, LayerResults,
        MacSizes, RunKey, SpecializedValue<NarrowModes>> NarrowFour =>
        field ??= accelerator.LoadImplicitlyGroupedKernel<
            Index1D, MacOperands, ArrayView<FourInts>, ExactSums, LayerResults, MacSizes, RunKey,
            SpecializedValue<NarrowModes>>(NarrowFourKernel.Run, Group);

    /// <summary>
    /// <see cref="NarrowFourKernel.Compute"/>: one kernel that branches on the modes.
    /// </summary>
    public Action<
        AcceleratorStream, Index1D, MacOperands, ArrayView<FourInts>, ExactSums, LayerResults,
        MacSizes, RunKey, NarrowModes> AnyNarrowFour =>
        field ??= accelerator.LoadImplicitlyGroupedKernel<
            Index1D, MacOperands, ArrayView<FourInts>, ExactSums, LayerResults, MacSizes, RunKey,
            NarrowModes>(NarrowFourKernel.Compute, Group);

    /// <summary>Threads of a group that works long on each output: few, for an even load.</summary>
    private int Group => Math.Min(128, accelerator.MaxNumThreadsPerGroup);

    /// <summary><see cref="PackKernel.Run"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<Tap>, ArrayView<PackedBytes>,
        MacSizes, int> Pack =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<Tap>, ArrayView<PackedBytes>, MacSizes,
            int>(PackKernel.Run);

    /// <summary><see cref="SumKernel.Run"/>; compiled once per <see cref="SumModes"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<PackedBytes>, ArrayView<PackedBytes>,
        ArrayView<PackedBytes>, ExactSums, int, int, SpecializedValue<SumModes>> Sum =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<PackedBytes>, ArrayView<PackedBytes>, ArrayView<PackedBytes>,
            ExactSums, int, int, SpecializedValue<SumModes>>(SumKernel.Run);

    /// <summary><see cref="TileKernel.Run"/>; compiled once per <see cref="TileModes"/>.</summary>
    public Action<
        AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<int>, ArrayView<int>, TileSizes,
        SpecializedValue<TileModes>> Tile =>
        field ??= accelerator.LoadKernel<
            ArrayView<int>, ArrayView<int>, ArrayView<int>, TileSizes,
            SpecializedValue<TileModes>>(TileKernel.Run);

    /// <summary>
    /// <see cref="FinishKernel.Run"/>; compiled once per <see cref="FinishModes"/>.
    /// </summary>
    public Action<
        AcceleratorStream, Index1D, ExactSums, MacOperands, LayerResults, MacSizes, RunKey,
        SpecializedValue<FinishModes>> Finish =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ExactSums, MacOperands, LayerResults, MacSizes, RunKey,
            SpecializedValue<FinishModes>>(FinishKernel.Run);

    /// <summary>
    /// <see cref="FinishKernel.Compute"/>: one kernel that branches on the modes.
    /// </summary>
    public Action<
        AcceleratorStream, Index1D, ExactSums, MacOperands, LayerResults, MacSizes, RunKey,
        FinishModes> AnyFinish =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ExactSums, MacOperands, LayerResults, MacSizes, RunKey,
            FinishModes>(FinishKernel.Compute);

    /// <summary>
    /// <see cref="PooledFinishKernel.Run"/>; compiled once per <see cref="FinishModes"/>.
    /// </summary>
    public Action<
        AcceleratorStream, Index1D, ExactSums, MacOperands, ArrayView<int>, MacSizes, PoolWindow,
        RunKey, SpecializedValue<FinishModes>> PooledFinish =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ExactSums, MacOperands, ArrayView<int>, MacSizes, PoolWindow, RunKey,
            SpecializedValue<FinishModes>>(PooledFinishKernel.Run);

    /// <summary>
    /// <see cref="PooledFinishKernel.Compute"/>: one kernel that branches on the modes.
    /// </summary>
    public Action<
        AcceleratorStream, Index1D, ExactSums, MacOperands, ArrayView<int>, MacSizes, PoolWindow,
        RunKey, FinishModes> AnyPooledFinish =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ExactSums, MacOperands, ArrayView<int>, MacSizes, PoolWindow, RunKey,
            FinishModes>(PooledFinishKernel.Compute);

    /// <summary><see cref="PoolKernels.Max"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<int>, PoolWindow, int> MaxPool =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, PoolWindow, int>(PoolKernels.Max);

    /// <summary><see cref="PoolKernels.Average"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, LayerResults, PoolWindow, AverageSpec,
        RunKey> AveragePool =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, LayerResults, PoolWindow, AverageSpec,
            RunKey>(PoolKernels.Average);

    /// <summary><see cref="ElementwiseKernels.Clamp"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<int>, ElementSpec, long,
        long> Clamp =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ElementSpec, long,
            long>(ElementwiseKernels.Clamp);

    /// <summary><see cref="ElementwiseKernels.Lookup"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>,
        ElementSpec, TableIndex, ConversionSpec, RunKey> Lookup =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>, ElementSpec,
            TableIndex, ConversionSpec, RunKey>(ElementwiseKernels.Lookup);

    /// <summary><see cref="ElementwiseKernels.AddScaled"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<long>, ArrayView<int>, ElementSpec,
        InputScaling, int> AddScaled =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<long>, ArrayView<int>, ElementSpec, InputScaling,
            int>(ElementwiseKernels.AddScaled);

    /// <summary><see cref="ElementwiseKernels.AddTwo"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<int>, LayerResults, PairSpec,
        Requantization, RunKey> AddTwo =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, LayerResults, PairSpec, Requantization,
            RunKey>(ElementwiseKernels.AddTwo);

    /// <summary><see cref="ElementwiseKernels.RequantizeSum"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<long>, ArrayView<int>, ArrayView<int>, ElementSpec,
        Requantization, RunKey> RequantizeSum =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<long>, ArrayView<int>, ArrayView<int>, ElementSpec, Requantization,
            RunKey>(ElementwiseKernels.RequantizeSum);

    /// <summary><see cref="ElementwiseKernels.Concatenate"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>, ElementSpec,
        ConcatPart, RunKey> Concatenate =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>, ElementSpec, ConcatPart,
            RunKey>(ElementwiseKernels.Concatenate);

    /// <summary><see cref="SoftmaxKernel.Run"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<long>,
        ArrayView<long>, ArrayView<int>, ArrayView<int>, SoftmaxSpec, RunKey> Softmax =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<long>,
            ArrayView<long>, ArrayView<int>, ArrayView<int>, SoftmaxSpec,
            RunKey>(SoftmaxKernel.Run);

    /// <summary><see cref="EventTally.Count"/>.</summary>
    public Action<
        AcceleratorStream, Index1D, ArrayView<int>, ArrayView<EventTally>, int,
        EventStage> CountEvents =>
        field ??= accelerator.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<EventTally>, int, EventStage>(EventTally.Count);
}

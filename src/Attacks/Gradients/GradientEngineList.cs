using QSim.Attacks.Gradients.Managed;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Gradients;

/// <summary>
/// The one list of gradient engines, the default last. Engines agree within 1e-5 relative; only
/// <c>managed</c> also gives the same bits for every batch size and thread count, so it is the
/// default unless there is a GPU to be faster on.
/// </summary>
public static class GradientEngineList
{
    private static readonly Lazy<IReadOnlyList<IGradientEngine>> Rows = new(List);

    /// <summary>
    /// Every engine that QSim knows, usable here or not. Looks for libtorch when first read.
    /// </summary>
    public static IReadOnlyList<IGradientEngine> All => Rows.Value;

    /// <summary>
    /// The engine to use for a network when the user names none: the last that is usable and knows
    /// its layers, but an OpenCL device only when it is asked for.
    /// </summary>
    public static IGradientEngine Default(FloatNetwork network) =>
        All.Last(e => e.WhyNot(network) is null && IsFasterThanCpu(e));

    /// <summary>The engine of a name; null when there is none.</summary>
    public static IGradientEngine? Find(string name) => All.FirstOrDefault(e => e.Name == name);

    private static IReadOnlyList<IGradientEngine> List() =>
        [TorchOnCpu, new ManagedGradientEngine(), OnGpu, TorchOnGpu];

#if TORCHSHARP
    private static IGradientEngine TorchOnCpu => new TorchSharp.TorchGradientEngine();

    private static IGradientEngine TorchOnGpu => new TorchSharp.TorchCudaGradientEngine();
#else
    private const string NoTorchSharp =
        "this build has no TorchSharp, which its package sources did not serve or -p:Torch=none "
            + "left out; build again with -p:Torch=cpu or -p:Torch=cuda";

    private static IGradientEngine TorchOnCpu => new UnavailableGradientEngine(
        "torch", "PyTorch's libtorch on the CPU", NoTorchSharp);

    private static IGradientEngine TorchOnGpu => new UnavailableGradientEngine(
        "torch-cuda", "PyTorch's libtorch on an NVIDIA GPU", NoTorchSharp);
#endif

#if ILGPU
    private static IGradientEngine OnGpu => new Ilgpu.IlgpuGradientEngine();

    private static bool IsFasterThanCpu(IGradientEngine engine) =>
        engine is not Ilgpu.IlgpuGradientEngine { HasCuda: false };
#else
    private static IGradientEngine OnGpu => new UnavailableGradientEngine(
        "ilgpu", "float32 on a GPU, through ILGPU",
        "this build has no ILGPU, which its package sources did not serve or -p:Ilgpu=false left "
            + "out; build again where they do, or with -p:Ilgpu=true to see what restore says");

    private static bool IsFasterThanCpu(IGradientEngine engine) => true;
#endif

    private sealed class ManagedGradientEngine : IGradientEngine
    {
        public string Name => "managed";

        public string Description =>
            "float32 on the CPU's vector units; the same bits for any batch and thread count";

        public string? WhyUnavailable => null;

        public ITrainableModel Create(FloatNetwork network, int threads = 0) =>
            new ManagedGradientModel(network, threads);
    }
}

using QSim.Simulator.Networks;
using TorchSharp;

namespace QSim.Attacks.Gradients.TorchSharp;

/// <summary>libtorch on the CPU.</summary>
internal sealed class TorchGradientEngine : IGradientEngine
{
    /// <inheritdoc/>
    public string Name => "torch";

    /// <inheritdoc/>
    public string Description => "PyTorch's libtorch on the CPU, through TorchSharp";

    /// <inheritdoc/>
    public string? WhyUnavailable => Libtorch.WhyUnavailable;

    /// <inheritdoc/>
    public ITrainableModel Create(FloatNetwork network, int threads = 0) =>
        WhyUnavailable is { } reason
            ? throw new NotSupportedException($"{Name}: {reason}")
            : new TorchGradientModel(network, Name, torch.CPU, threads);
}

/// <summary>libtorch on an NVIDIA GPU.</summary>
internal sealed class TorchCudaGradientEngine : IGradientEngine
{
    /// <inheritdoc/>
    public string Name => "torch-cuda";

    /// <inheritdoc/>
    public string Description => "PyTorch's libtorch on an NVIDIA GPU, through TorchSharp";

    /// <summary>
    /// Asked at every start, so libtorch, which takes its time, is only loaded where it may help.
    /// </summary>
    public string? WhyUnavailable =>
        !Libtorch.HasCuda
            ? "this build's libtorch is not for CUDA; where there is a GPU, build with "
                + "-p:Torch=cuda"
        : Libtorch.WhyUnavailable is { } reason ? reason
        : torch.cuda.is_available() ? null
        : "libtorch finds no CUDA device; where there is one, install NVIDIA's driver";

    /// <inheritdoc/>
    public ITrainableModel Create(FloatNetwork network, int threads = 0)
    {
        if (WhyUnavailable is { } reason) throw new NotSupportedException($"{Name}: {reason}");

        // TensorFloat-32 keeps 10 bits of a significand: too few for the agreement that engines
        // promise.
        torch.backends.cudnn.allow_tf32 = false;
        torch.backends.cuda.matmul.allow_tf32 = false;
        return new TorchGradientModel(network, Name, torch.CUDA, threads);
    }
}

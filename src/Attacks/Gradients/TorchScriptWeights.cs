using QSim.Simulator.Arrays;
using QSim.Simulator.Networks.Files;
#if TORCHSHARP
using QSim.Attacks.Gradients.TorchSharp;
#endif

namespace QSim.Attacks.Gradients;

/// <summary>
/// Weights of a TorchScript archive (<c>torch.jit.save</c>), which libtorch reads.
/// </summary>
public static class TorchScriptWeights
{
    /// <summary>What <see cref="NetworkFile.Load"/> takes to read them.</summary>
    public static WeightFormat Format { get; } = new(".pt", c => Read(c, WhyUnavailable));

    private static string? WhyUnavailable => GradientEngineList.Find("torch")!.WhyUnavailable;

    /// <summary>The parameters and buffers of an archive.</summary>
    /// <param name="content">The archive.</param>
    /// <param name="whyUnavailable">Why there is no libtorch, null when there is.</param>
    /// <exception cref="InvalidDataException">
    /// It is none or damaged, or there is no libtorch.
    /// </exception>
    internal static IReadOnlyDictionary<string, NpyArray> Read(
        byte[] content, string? whyUnavailable)
    {
        if (TorchScriptZip.Problem(content, out byte[] whole) is { } problem)
            throw new InvalidDataException(problem);
        if (whyUnavailable is not null)
            throw new InvalidDataException($"TorchScript takes libtorch to read: {whyUnavailable}");
#if TORCHSHARP
        return TorchScriptArchive.Read(whole);
#else
        throw new InvalidDataException("this build has no TorchSharp");
#endif
    }
}

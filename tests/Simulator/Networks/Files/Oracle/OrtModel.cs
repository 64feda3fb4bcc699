using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>A model as ONNX Runtime computes it on the CPU, on one thread.</summary>
internal sealed class OrtModel : IDisposable
{
    private readonly InferenceSession _session;

    public OrtModel(byte[] model, bool optimizes = true)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = optimizes
                ? GraphOptimizationLevel.ORT_ENABLE_ALL
                : GraphOptimizationLevel.ORT_DISABLE_ALL,
        };
        _session = new(model, options);
    }

    /// <summary>What the first output holds.</summary>
    public float[] Run(float[] input, params int[] extents) => Run<float, float>(input, extents);

    /// <summary>The same for any types of elements.</summary>
    public TOut[] Run<TIn, TOut>(TIn[] input, params int[] extents) =>
        Run<TIn, TOut>(_session.OutputNames[0], input, extents);

    /// <summary>What an output holds.</summary>
    public TOut[] Run<TIn, TOut>(string output, TIn[] input, int[] extents)
    {
        string name = _session.InputNames[0];
        using var results = _session.Run(
            [NamedOnnxValue.CreateFromTensor(name, new DenseTensor<TIn>(input, extents))],
            [output]);
        return results[0].AsTensor<TOut>().ToArray();
    }

    public void Dispose() => _session.Dispose();
}

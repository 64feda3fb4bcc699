using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using QSim.Kernels.Datapath;

namespace QSim.OrtWalk;

/// <summary>A way in which ONNX Runtime may carry out a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Level">Its optimizations.</param>
/// <param name="Settings">Keys and values of its configuration.</param>
internal sealed record OrtWay(
    string Name, GraphOptimizationLevel Level, params (string Key, string Value)[] Settings);

/// <summary>ONNX Runtime on the CPU, on one thread, one image at a time.</summary>
internal static class Ort
{
    /// <summary>As it is by default.</summary>
    public static readonly OrtWay Default = new(
        "default", GraphOptimizationLevel.ORT_ENABLE_ALL);

    /// <summary>
    /// uint8 weights in place of int8 ones, whose products do not saturate in pairs.
    /// </summary>
    public static readonly OrtWay WidePairs = new(
        "wide pairs", GraphOptimizationLevel.ORT_ENABLE_ALL, ("session.x64quantprecision", "1"));

    /// <summary>Others, which tell where a difference comes from.</summary>
    public static readonly OrtWay[] Others =
    [
        new("no layout", GraphOptimizationLevel.ORT_ENABLE_EXTENDED),
        new(
            "no integers", GraphOptimizationLevel.ORT_ENABLE_ALL,
            ("session.disable_quant_qdq", "1")),
        new("nothing", GraphOptimizationLevel.ORT_DISABLE_ALL),
    ];

    public static SessionOptions Options(OrtWay way)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = way.Level,
        };
        foreach ((string key, string value) in way.Settings)
            options.AddSessionConfigEntry(key, value);
        return options;
    }

    /// <summary>The first output for each image, one after another.</summary>
    public static float[] Run(byte[] model, OrtWay way, float[] images, TensorShape shape)
    {
        using SessionOptions options = Options(way);
        using var session = new InferenceSession(model, options);
        return
        [
            .. images.Chunk(shape.Length).SelectMany(image =>
            {
                using var results = session.Run([Input(session, image, shape)]);
                return results[0].AsTensor<float>().ToArray();
            }),
        ];
    }

    /// <summary>An image as a session takes it.</summary>
    public static NamedOnnxValue Input(
        InferenceSession session, float[] image, TensorShape shape)
    {
        string name = session.InputNames[0];
        int[] extents = session.InputMetadata[name].Dimensions.Length switch
        {
            4 => [1, shape.Channels, shape.Rows, shape.Columns],
            3 => [1, shape.Channels, shape.Positions],
            _ => [1, shape.Length],
        };
        return NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(image, extents));
    }
}

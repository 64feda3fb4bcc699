namespace QSim.Simulator.Networks.Files.Tflite;

/// <summary>Names of operators that are common and not read, for messages.</summary>
internal static class TfliteNames
{
    /// <summary>By their numbers in TensorFlow Lite's schema.</summary>
    public static IReadOnlyDictionary<int, string> Others { get; } = new Dictionary<int, string>
    {
        [7] = "EMBEDDING_LOOKUP",
        [8] = "FLOOR",
        [11] = "L2_NORMALIZATION",
        [12] = "L2_POOL_2D",
        [13] = "LOCAL_RESPONSE_NORMALIZATION",
        [16] = "LSTM",
        [23] = "RESIZE_BILINEAR",
        [24] = "RNN",
        [27] = "SVDF",
        [36] = "GATHER",
        [37] = "BATCH_TO_SPACE_ND",
        [38] = "SPACE_TO_BATCH_ND",
        [42] = "DIV",
        [44] = "UNIDIRECTIONAL_SEQUENCE_LSTM",
        [47] = "EXP",
        [50] = "LOG_SOFTMAX",
        [53] = "CAST",
        [54] = "PRELU",
        [56] = "ARG_MAX",
        [60] = "PADV2",
        [67] = "TRANSPOSE_CONV",
        [74] = "SUM",
        [76] = "RSQRT",
        [77] = "SHAPE",
        [83] = "PACK",
        [88] = "UNPACK",
        [126] = "BATCH_MATMUL",
    };
}

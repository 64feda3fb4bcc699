namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>Functions of each value, and constants that meet a tensor, at random formats.</summary>
internal static class TfliteFunctionsRandom
{
    /// <summary>Of int8 and uint8 by their names in messages.</summary>
    public static IReadOnlyDictionary<string, TfliteRandom.Made> Operators { get; } =
        new Dictionary<string, TfliteRandom.Made>
        {
            ["relu"] = (m, x, r) => Other(m, 19, x, r),
            ["relu-n1-1"] = (m, x, r) => Other(m, 20, x, r),
            ["relu6"] = (m, x, r) => Other(m, 21, x, r),
            ["relu-0-1"] = (m, x, r) => Other(m, 152, x, r),
            ["leaky"] = (m, x, r) => Other(m, 98, x, r, new() { [0] = r.NextSingle() * 0.5f }),
            ["leaky-negative"] = (m, x, r) => Other(
                m, 98, x, r, new() { [0] = r.NextSingle() * -0.5f }),
            ["hard-swish"] = (m, x, r) => Other(m, 117, x, r),
            ["gelu"] = (m, x, r) => Other(m, 150, x, r),
            ["gelu-tanh"] = (m, x, r) => Other(m, 150, x, r, new() { [0] = (byte)1 }),
            ["tanh-any"] = (m, x, r) => m.Function(
                28, x, 0.004f + (0.01f * r.NextSingle()), r.Next(-60, 60)),
            ["logistic"] = (m, x, _) => m.Table(14, x),
            ["maximum"] = (m, x, r) => m.Bounded(55, x, (byte)r.Next(256)),
            ["minimum"] = (m, x, r) => m.Bounded(57, x, (byte)r.Next(256)),
            ["reduce-max"] = (m, x, _) => m.Largest(x),
            ["sub"] = (m, x, _) => m.Subtract(x, m.Mac(3, x, x.Channels, 1, 1, true, 0)),
            ["add-constant"] = (m, x, r) => Sum(m, 0, x, r),
            ["sub-constant"] = (m, x, r) => Sum(m, 41, x, r),
            ["add-row"] = (m, x, r) =>
            {
                x = m.Mac(9, m.Reshape(x, [1, x.Length]), 6, 1, 1, false, 0);
                return m.WithConstant(0, x, [1, 6], x.Scale, x.Scale * 1.4f, r.Next(2) == 0);
            },
            ["mul-constant"] = (m, x, r) =>
            {
                float scale = 0.01f + (0.02f * r.NextSingle());
                return m.WithConstant(
                    18, x, Shape(x, r), scale, x.Scale * scale * 60, r.Next(2) == 0);
            },
        };

    /// <summary>Of int8 alone.</summary>
    public static IReadOnlyDictionary<string, TfliteRandom.Made> SignedOperators { get; } =
        new Dictionary<string, TfliteRandom.Made>
        {
            ["abs"] = (m, x, r) => Other(m, 101, x, r),
            ["abs-same"] = (m, x, _) => m.Function(101, x, x.Scale, 3),
            ["elu"] = (m, x, r) => Other(m, 111, x, r),
        };

    private static TestTensor Other(
        TfliteTestModel model, int code, TestTensor x, Random random, FlatNode? options = null) =>
        model.Function(
            code, x, x.Scale * (0.4f + random.NextSingle()), random.Next(-90, 90), options);

    private static TestTensor Sum(TfliteTestModel model, int code, TestTensor x, Random random)
    {
        float scale = x.Scale * (0.3f + random.NextSingle());
        return model.WithConstant(
            code, x, Shape(x, random), scale, (x.Scale + scale) * 0.7f, random.Next(2) == 0);
    }

    private static int[] Shape(TestTensor x, Random random) => random.Next(6) switch
    {
        5 => [1, 1, x.Channels],
        0 => [],
        1 => [x.Channels],
        2 => [1, 1, 1, x.Channels],
        3 => [x.Rows, x.Columns, 1],
        _ => x.Shape,
    };
}

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>Random models of every operator that <see cref="TfliteTestModel"/> writes.</summary>
internal static class TfliteRandom
{
    /// <summary>One operator behind a convolution, by its name in messages.</summary>
    public static IReadOnlyDictionary<string, Made> Operators { get; } =
        new Dictionary<string, Made>
        {
            ["conv"] = (m, x, r) =>
                m.Mac(3, x, 1 + r.Next(9), 3, 1 + r.Next(2), r.Next(2) == 0, Activation(r)),
            ["pointwise"] = (m, x, r) => m.Mac(3, x, 1 + r.Next(20), 1, 1, true, Activation(r)),
            ["depthwise"] = (m, x, r) => m.Mac(
                4, x, x.Channels * (1 + r.Next(2)), 3, 1 + r.Next(2), r.Next(2) == 0,
                Activation(r)),
            ["dense"] = (m, x, r) =>
                m.Mac(9, m.Reshape(x, [1, x.Length]), 1 + r.Next(12), 1, 1, false, Activation(r)),
            ["pad"] = (m, x, _) => m.Pad(x),
            ["add"] = (m, x, r) =>
                m.Add(x, m.Mac(3, x, x.Channels, 1, 1, true, 0), Activation(r)),
            ["add-table"] = (m, x, r) => m.Add(m.Table(28, x), x, Activation(r)),
            ["mul"] = (m, x, _) => m.Multiply(x, m.Mac(3, x, x.Channels, 1, 1, true, 0)),
            ["mul-table"] = (m, x, _) => m.Multiply(x, m.Table(14, x)),
            ["logistic"] = (m, x, _) => m.Table(14, x),
            ["tanh"] = (m, x, _) => m.Table(28, x),
            ["softmax"] = (m, x, r) => m.Mac(
                9, m.Softmax(m.Mac(9, m.Reshape(x, [1, x.Length]), 2 + r.Next(20), 1, 1, false, 0)),
                1 + r.Next(9), 1, 1, false, 0),
            ["average"] = (m, x, r) => Pool(m, x, r, isMax: false),
            ["max"] = (m, x, r) => Pool(m, x, r, isMax: true),
            ["mean"] = (m, x, _) => m.Mean(x),
            ["mean-kept"] = (m, x, _) => m.Mean(x, isKept: true),
            ["quantize"] = (m, x, r) => m.Requantize(
                x, x.Scale * (0.3f + (1.5f * r.NextSingle())), r.Next(-60, 60)),
            ["concat"] = (m, x, _) => m.Twice(x),
        };

    /// <summary>An operator that is added behind a tensor: what it makes.</summary>
    public delegate TestTensor Made(TfliteTestModel model, TestTensor x, Random random);

    /// <summary>
    /// A convolution and one operator, of an image of a few channels from 0 to a number.
    /// </summary>
    public static (TfliteTestModel Model, TestTensor Output) Of(
        Made made, int seed, bool isUnsigned, float most = 1, FloatForm? floats = null)
    {
        var random = new Random(seed);
        var model = new TfliteTestModel(
            seed, isUnsigned, (most / 255, -128),
            [1, 5 + random.Next(4), 5 + random.Next(4), 1 + random.Next(5)], floats);
        TestTensor first = model.Mac(3, model.Input, 1 + random.Next(8), 3, 1, true, 0);
        return (model, made(model, first, random));
    }

    /// <summary>A convolution, one operator that copies, and a dense layer.</summary>
    public static (TfliteTestModel Model, TestTensor Output) Moved(
        string name, int seed, bool isUnsigned)
    {
        (TfliteTestModel model, TestTensor first) = Of(Operators["pointwise"], seed, isUnsigned);
        TestTensor x = TfliteMovesRandom.Operators[name](model, first, new(seed));
        return (model, model.Mac(9, model.Reshape(x, [1, x.Length]), 7, 1, 1, false, 0));
    }

    /// <summary>A convolution and several operators.</summary>
    public static (TfliteTestModel Model, TestTensor Output) Network(int seed, bool isUnsigned)
    {
        var random = new Random(seed);
        var model = new TfliteTestModel(
            seed, isUnsigned, (1 / 255f, -128),
            [1, 8 + random.Next(8), 8 + random.Next(8), 1 + random.Next(4)]);
        TestTensor x = model.Mac(
            3, model.Input, 2 + random.Next(7), 3, 1 + random.Next(2), true, Activation(random));
        string[] names = [.. Operators.Keys];
        for (int left = 2 + random.Next(8); left > 0; left--)
        {
            string name = names[random.Next(names.Length)];
            // Products of products have steps that no real network has: 6 would be 2^44 of them.
            if (x.Scale < 1e-5f) break;
            bool isFlat = x.Shape.Length < 4, isSmall = x.Rows < 4 || x.Columns < 4;
            if (isFlat || (isSmall && name is "conv" or "depthwise" or "average" or "max")) break;
            if (x.Length > 20_000 && name is "concat" or "pad" or "depthwise") continue;
            x = Operators[name](model, x, random);
        }

        return (model, x);
    }

    private static TestTensor Pool(
        TfliteTestModel model, TestTensor x, Random random, bool isMax) => model.Pool(
            x, isMax, 2 + random.Next(2), 1 + random.Next(2), random.Next(2) == 0);

    private static int Activation(Random random) =>
        random.Next(3) switch { 0 => 0, 1 => 1, _ => 3 };
}

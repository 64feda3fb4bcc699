using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Units;

/// <summary>Single units of shipped profiles, with scales given instead of calibrated.</summary>
internal static class OneUnit
{
    /// <summary>The stages that a shipped profile has for a layer type.</summary>
    public static LayerDatapath Stages(string profile, string type) =>
        DatapathCompiler.Compile(ProfileReader.Read(profile)).For(type, "unit", isLast: false);

    /// <summary>A flat tensor of a profile's activations.</summary>
    public static QuantizedTensor Tensor(
        LayerDatapath stages, int length, float scale, int zeroPoint) =>
        Tensor(stages, length, TensorScale.Real(scale, zeroPoint));

    /// <summary>The same of any scale.</summary>
    public static QuantizedTensor Tensor(LayerDatapath stages, int length, TensorScale scale)
    {
        bool isSigned = stages.Output.Signedness == Signedness.Signed;
        return new(
            new(new(length), stages.Output.Bits, isSigned, scale.Step, scale.ZeroPoint), scale,
            stages.Output);
    }

    /// <summary>The scale 2^-F of a golden file.</summary>
    public static TensorScale Point(string fractionBits) =>
        TensorScale.PowerOfTwo(int.Parse(fractionBits));

    /// <summary>The sum of two raw values as a profile's unit makes it.</summary>
    public static AddLayer Add(
        string profile, (float Scale, int Zero) a, (float Scale, int Zero) b,
        (float Scale, int Zero) y) =>
        Add(
            profile, TensorScale.Real(a.Scale, a.Zero), TensorScale.Real(b.Scale, b.Zero),
            TensorScale.Real(y.Scale, y.Zero));

    /// <summary>The same of any scales.</summary>
    public static AddLayer Add(string profile, TensorScale a, TensorScale b, TensorScale y)
    {
        LayerDatapath stages = Stages(profile, "add");
        return Join(stages, Tensor(stages, 1, y)).Add(
            "add", [0, 1], [Tensor(stages, 1, a), Tensor(stages, 1, b)]);
    }

    /// <summary>A profile's requantization of products of two tensors.</summary>
    public static Requantization Multiply(
        string profile, (float Scale, int Zero) a, (float Scale, int Zero) b,
        (float Scale, int Zero) y, bool isOwn = false)
    {
        LayerDatapath stages = Stages(profile, "multiply");
        return Join(stages, Tensor(stages, 1, y.Scale, y.Zero)).Multiply(
            "multiply", [0, 1], Tensor(stages, 1, a.Scale, a.Zero),
            Tensor(stages, 1, b.Scale, b.Zero), isOwn).Requantization;
    }

    /// <summary>A profile's concatenation of one tensor, which is a conversion.</summary>
    public static ConcatPart Concat(
        string profile, (float Scale, int Zero) x, (float Scale, int Zero) y) =>
        Concat(
            profile, TensorScale.Real(x.Scale, x.Zero), TensorScale.Real(y.Scale, y.Zero));

    /// <summary>The same of any scales.</summary>
    public static ConcatPart Concat(string profile, TensorScale x, TensorScale y)
    {
        LayerDatapath stages = Stages(profile, "concat");
        return Join(stages, Tensor(stages, 1, y))
            .Concat("concat", [0], [Tensor(stages, 1, x)]).Parts[0];
    }

    /// <summary>A profile's requantization of one channel.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="x">The input's scale.</param>
    /// <param name="weight">The weights' scale.</param>
    /// <param name="y">The output's scale.</param>
    /// <param name="bias">A real bias, where it is no part of the accumulator.</param>
    public static Requantization Requantize(
        string profile, (float Scale, int Zero) x, double weight, (float Scale, int Zero) y,
        params float[] bias) =>
        Requantize(
            profile, TensorScale.Real(x.Scale, x.Zero), TensorScale.Real(weight),
            TensorScale.Real(y.Scale, y.Zero), bias);

    /// <summary>The same of any scales.</summary>
    public static Requantization Requantize(
        string profile, TensorScale input, TensorScale weight, TensorScale y,
        params float[] bias)
    {
        LayerDatapath stages = Stages(profile, "conv2d");
        TensorScale[] weights = [weight];
        var point = AccumulatorPoint.Place(Refuse, stages, input, [.. weights]);
        QuantizedTensor output = Tensor(stages, 1, y);
        return new RequantizationBuilder(Refuse, stages, output, ClampBounds.None)
            .PerChannel(point, input, [.. weights], bias)[0];
    }

    /// <summary>A profile's mean of a window whose values have a sum.</summary>
    public static long Average(string profile, int rows, int columns, long sum)
    {
        LayerDatapath stages = Stages(profile, "average_pool2d");
        var window = new WindowGeometry(rows, columns, rows, columns);
        QuantizedTensor input = Tensor(stages, 1, 0.1f, 0);
        var events = ConversionEvents.None;
        return AveragePoolBuilder.Unit(Refuse, stages, input, window)
            .Mean(sum, rows * columns, 0, ref events);
    }

    /// <summary>A profile's mean of a window's raw values, summed in its accumulator.</summary>
    public static long Average(
        string profile, int rows, int columns, TensorScale scale, long[] values,
        bool isWholeImage = false)
    {
        LayerDatapath stages = Stages(profile, "average_pool2d");
        QuantizedTensor input = Tensor(stages, 1, scale);
        input = input.Reshaped(isWholeImage ? new(1, rows, columns) : new(1, 256, 256));
        AverageUnit unit = AveragePoolBuilder.Unit(
            Refuse, stages, input, new(rows, columns, rows, columns));
        var events = ConversionEvents.None;
        long sum = 0;
        foreach (long value in values) sum = unit.Add(sum, value, ref events);
        return Math.Clamp(
            unit.Mean(sum, rows * columns, 0, ref events), input.Type.MinRaw, input.Type.MaxRaw);
    }

    /// <summary>One requantization.</summary>
    public static long Of(Requantization unit, long accumulator)
    {
        var events = ConversionEvents.None;
        return Requantizer.Requantize(accumulator, unit, ref events);
    }

    /// <summary>A profile's table of sigmoid or tanh.</summary>
    public static LookupLayer Table(
        string profile, string name, (float Scale, int Zero) x, (float Scale, int Zero) y) =>
        Table(
            profile, name, TensorScale.Real(x.Scale, x.Zero), TensorScale.Real(y.Scale, y.Zero));

    /// <summary>The same of any scales.</summary>
    public static LookupLayer Table(string profile, string name, TensorScale x, TensorScale y)
    {
        LayerDatapath stages = Stages(profile, name);
        QuantizedTensor input = Tensor(Stages(profile, "conv2d"), 1, x);
        return new LookupBuilder(
            Refuse, stages, input, Tensor(stages, 1, y), (_, _, _) => { })
            .Build(
                name == "tanh"
                    ? new QSim.Simulator.Networks.TanhLayer(name, [0])
                    : new QSim.Simulator.Networks.SigmoidLayer(name, [0]),
                [0]);
    }

    /// <summary>One value of a table.</summary>
    public static long Of(LookupLayer table, long x)
    {
        var events = ConversionEvents.None;
        return Conversion.Convert(
            table.Table[table.Index.Of(x, table.Table.Length)], table.Conversion, ref events);
    }

    /// <summary>One sum.</summary>
    public static long Of(AddLayer add, long a, long b)
    {
        var events = ConversionEvents.None;
        long sum = add.Real.IsUsed != 0
            ? add.Real.Of(a, b, ref events)
            : add.Operands[0].Apply(a, ref events) + add.Operands[1].Apply(b, ref events);
        return Requantizer.Requantize(sum, add.Requantization, ref events);
    }

    /// <summary>One conversion.</summary>
    public static long Of(ConcatPart part, long x)
    {
        var events = ConversionEvents.None;
        return Requantizer.Requantize(
            part.Scaling.Apply(x, ref events), part.Requantization, ref events);
    }

    /// <summary>A profile's softmax of one position's logits, on the reference backend.</summary>
    public static long[] Softmax(string profile, (float Scale, int Zero) x, long[] logits)
    {
        LayerDatapath stages = Stages(profile, "softmax");
        QuantizedTensor input = Tensor(stages, logits.Length, x.Scale, x.Zero);
        SoftmaxLayer layer = new SoftmaxBuilder(
            Refuse, stages, input, SoftmaxDivision.Output(stages, input), (_, _, _) => { })
            .Build("softmax", [0]);
        var program = new QuantizedProgram(
            "softmax", new(input.Type, RoundingMode.TowardNegative, OverflowMode.Wrap), [layer]);
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        return runner.Run(logits, 1, new RunOptions()).Outputs;
    }

    /// <summary>A number of a golden file.</summary>
    public static float Real(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>An output of 32 bits, for what a unit gives before it is narrowed.</summary>
    public static ConversionSpec Word => ConversionSpec.Into(
        new FixedFormat(32, 0, true), 0, RoundingMode.NearestTiesToEven, OverflowMode.Saturate);

    /// <summary>Each line that a golden file has of a unit; its last number is right.</summary>
    public static void Each(string file, string unit, int count, Func<string[], long> actual)
    {
        string[][] rows = [.. Rows(file).Where(r => r[0] == unit)];
        Assert.Equal(count, rows.Length);
        Assert.All(rows, row => Assert.Equal(long.Parse(row[^1]), actual(row)));
    }

    /// <summary>The lines of a golden file, split at commas.</summary>
    public static string[][] Rows(string file) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Units", "Golden", file))
            .Select(line => line.Split(','))];

    /// <summary>Every pair of 256 values.</summary>
    public static IEnumerable<(byte A, byte B)> Pairs =>
        from a in Enumerable.Range(0, 256)
        from b in Enumerable.Range(0, 256)
        select ((byte)a, (byte)b);

    private static JoinBuilder Join(LayerDatapath stages, QuantizedTensor output) =>
        new(Refuse, stages, output, ClampBounds.None);

    private static InvalidOperationException Refuse(string key, string why) => new($"{key}: {why}");
}

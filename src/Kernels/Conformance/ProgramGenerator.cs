using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>
/// Random programs over every layer type, mode and geometry, small enough for the reference
/// backend. The seed is all there is to a program: print it when a comparison fails.
/// </summary>
internal static class ProgramGenerator
{
    /// <summary>A program of 1 to 5 layers that passes <see cref="ProgramLimits"/>.</summary>
    public static QuantizedProgram Program(int seed)
    {
        for (int attempt = 0; ; attempt++)
        {
            QuantizedProgram program = Attempt(seed, new Choices(unchecked((seed * 31) + attempt)));
            string? reason = ProgramLimits.WhyNot(program);
            if (reason is null)
                return program;
            if (attempt == 100)
                throw new InvalidOperationException($"seed {seed} makes no program: {reason}");
        }
    }

    /// <summary>A program of one dense layer of the given depth.</summary>
    public static QuantizedProgram Dense(int seed, int depth, int outputs) =>
        Enumerable.Range(0, 101)
            .Select(attempt => TryDense(
                new Choices(unchecked((seed * 31) + attempt)), depth, outputs, seed))
            .OfType<QuantizedProgram>()
            .FirstOrDefault()
        ?? throw new InvalidOperationException($"seed {seed} makes no program");

    /// <summary>The same of any choices; null where they make none that can run.</summary>
    public static QuantizedProgram? TryDense(
        Choices choose, int depth, int outputs, int seed = 0)
    {
        TensorType input = choose.Type(new TensorShape(depth));
        MacLayer layer = RandomMac.Dense(choose, "dense", 0, input, outputs);
        QuantizedProgram program = new(
            $"depth {depth}, seed {seed}", Stage(input), [layer], (ulong)seed);
        return ProgramLimits.WhyNot(program) is null ? program : null;
    }

    /// <summary>
    /// Raw inputs, [image][channel][row][column], the ends of the range more often than chance.
    /// </summary>
    public static long[] Inputs(QuantizedProgram program, int images, int seed) =>
        Inputs(program, images, new Choices(seed));

    /// <summary>The same of any choices.</summary>
    public static long[] Inputs(QuantizedProgram program, int images, Choices choose)
    {
        TensorType type = program.Input.Type;
        if (type.IsFloat32) return RandomDynamic.Inputs(choose, images * type.Shape.Length);
        return
        [
            .. Enumerable
                .Range(0, images * type.Shape.Length)
                .Select(_ => choose.Raw(type.MinRaw, type.MaxRaw)),
        ];
    }

    private static QuantizedProgram Attempt(int seed, Choices choose)
    {
        if (seed % RandomDynamic.Every == RandomDynamic.Every - 1)
            return RandomDynamic.Program(seed, choose);
        TensorType input = choose.Type(
            new(choose.Between(1, 6), choose.Between(1, 7), choose.Between(1, 6)));
        List<ProgramLayer> layers = [];
        List<TensorType> tensors = [input];
        int count = choose.Between(1, 5);
        while (layers.Count < count)
        {
            int tensor = choose.Chance(0.7)
                ? tensors.Count - 1
                : choose.Between(0, tensors.Count - 1);
            ProgramLayer layer = Layer(choose, $"layer{layers.Count}", tensor, tensors);
            layers.Add(layer);
            tensors.Add(layer.Output);
        }

        return new($"seed {seed}", Stage(input), [.. layers], (ulong)seed * 0x9E3779B97F4A7C15);
    }

    private static ProgramLayer Layer(
        Choices choose, string name, int tensor, List<TensorType> tensors)
    {
        TensorType input = tensors[tensor];
        int[] sameShape = [tensor, .. Others(t => t.Shape == input.Shape)];
        int[] sameSize =
        [
            tensor,
            .. Others(t =>
                t.Shape.Rows == input.Shape.Rows && t.Shape.Columns == input.Shape.Columns
            ),
        ];
        switch (choose.Between(0, 14))
        {
            case 0:
                return Reshape(name, tensor, input);
            case 1:
                return Clamp(choose, name, tensor, input);
            case 2:
                return MaxPool(choose, name, tensor, input);
            case 3:
                return AveragePool(choose, name, tensor, input);
            case 4:
                return RandomElementwise.Lookup(choose, name, tensor, input);
            case 5:
                return RandomElementwise.Softmax(choose, name, tensor, input);
            case 6:
                return RandomElementwise.Add(choose, name, sameShape, t => tensors[t], input.Shape);
            case 7:
                return RandomElementwise.Concat(choose, name, sameSize, t => tensors[t]);
            case 12:
                return RandomElementwise.Rearrange(choose, name, tensor, input);
            case 13:
                return RandomElementwise.Pair(choose, name, sameShape, t => tensors[t]);
            case 14 when input.Bits <= ResizeLayer.MostBits && input.Shape.Length < 100:
                return RandomResize.OfIntegers(choose, name, tensor, input);
            case 8 when input.Shape.Positions == 1:
                return RandomMac.Dense(choose, name, tensor, input, choose.Between(1, 12));
            default: return RandomMac.Convolution(choose, name, tensor, input);
        }

        int[] Others(Func<TensorType, bool> fits) =>
            [
                .. Enumerable
                    .Range(0, tensors.Count)
                    .Where(t => t != tensor && fits(tensors[t]) && choose.Chance(0.5))
                    .Take(2),
            ];
    }

    internal static ReshapeLayer Reshape(string name, int tensor, TensorType input) =>
        new(name, [tensor], input with { Shape = new(input.Shape.Length) });

    internal static ClampLayer Clamp(Choices choose, string name, int tensor, TensorType input)
    {
        long low = choose.Raw(input.MinRaw, input.MaxRaw);
        return new(name, [tensor], input, low, choose.Raw(low, input.MaxRaw));
    }

    internal static MaxPoolLayer MaxPool(Choices choose, string name, int tensor, TensorType input)
    {
        WindowGeometry window = RandomWindow.ForPool(choose, input.Shape);
        return new(name, [tensor], Pooled(input, window), input, window);
    }

    private static AveragePoolLayer AveragePool(
        Choices choose, string name, int tensor, TensorType input)
    {
        WindowGeometry window = RandomWindow.ForPool(choose, input.Shape);
        TensorType output = Pooled(input, window);
        if (choose.Chance(0.2) && input is { Bits: > 2, ZeroPoint: 0 })
            output = output with { Bits = input.Bits - 1 };
        AverageUnit unit = RandomAverage(choose, input, window);
        return new(name, [tensor], output, input, window, unit);
    }

    private static AverageUnit RandomAverage(
        Choices choose, TensorType input, WindowGeometry window)
    {
        var unit = new AverageUnit(choose.OfEnum<RoundingMode>());
        if (!window.HasPadding && choose.Chance(0.3))
            unit = unit with
            {
                Multiplier = choose.Between(1, 40),
                Shift = choose.Between(0, 10),
            };
        else if (!window.HasPadding && unit.Rounding != RoundingMode.Stochastic
            && choose.Chance(0.3))
            unit = unit with
            {
                Reciprocal = Binary32.Of(choose.Real(0.01f, 1)),
                Offset = choose.Chance(0.5) ? Binary32.Of(choose.Real(-50, 50)) : default,
                Zero = input.ZeroPoint,
            };
        else if (unit.Rounding != RoundingMode.Stochastic && choose.Chance(0.2))
            return unit with
            {
                Real = new(
                    1, Binary32.Of(choose.Real(0.01f, 1)), input.ZeroPoint,
                    Binary32.Of(choose.Real(0.01f, 1)), choose.Between(-3, 3)),
            };
        if (!choose.Chance(0.4)) return unit;
        int bits = Math.Max(2, input.Bits + choose.Between(-1, 2));
        return unit with
        {
            HasRegister = 1,
            Register = ConversionSpec.Into(
                new FixedFormat(bits, 0, true), 0, RoundingMode.TowardNegative,
                choose.Chance(0.5) ? OverflowMode.Wrap : OverflowMode.Saturate),
        };
    }

    private static TensorType Pooled(TensorType input, WindowGeometry window) =>
        input with
        {
            Shape = new(
                input.Shape.Channels, window.OutputRows(input.Shape.Rows),
                window.OutputColumns(input.Shape.Columns)),
        };

    internal static InputStage Stage(TensorType type) =>
        new(type, RoundingMode.NearestTiesToEven, OverflowMode.Saturate);
}

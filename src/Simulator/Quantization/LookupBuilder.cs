using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Sigmoid, tanh and user functions as tables (ARITHMETIC.md section 6).</summary>
/// <param name="refuse">Makes the exception from a dotted key and a reason.</param>
/// <param name="stages">The layer's stages.</param>
/// <param name="input">What the function is applied to.</param>
/// <param name="output">What comes out.</param>
/// <param name="record">Takes a stage, how many of its parameters did not fit, of how many.</param>
internal sealed class LookupBuilder(
    Func<string, string, Exception> refuse, LayerDatapath stages, QuantizedTensor input,
    QuantizedTensor output, Action<string, long, long> record)
{
    private const int MostExactBits = 16;

    private ConversionSpec OutputTarget => output.Target with { Dialect = stages.Dialect };

    /// <summary>A float layer's table, which the profile's own values override.</summary>
    /// <exception cref="Exception">It is no function of one value.</exception>
    public LookupLayer Build(FloatLayer layer, ImmutableArray<int> inputs)
    {
        if (stages.Output.Rounding == RoundingMode.Stochastic && stages.Table?.Entry is null)
            throw refuse(
                "activation.rounding",
                "STOCHASTIC does not apply to tables: they are rounded once (give table.entry)");
        return stages.Table is null
            && LitertFunctions.Of(layer, stages.Functions, input, output) is { } kernel
            ? Build(layer.Name, inputs, kernel)
            : Build(
                layer.Name, inputs,
                layer switch
                {
                    SigmoidLayer => x => 1 / (1 + Math.Exp(-x)),
                    TanhLayer => Math.Tanh,
                    PointLayer point => point.Value,
                    _ => throw refuse(layer.Kind, "has no table"),
                });
    }

    private LookupLayer Build(
        string name, ImmutableArray<int> inputs, Func<double, double> function)
    {
        if (stages.Table is not { } table)
            return Exact(name, inputs, function);
        TableIndex? index = TableIndexBuilder.Build(table, input.Scale);
        if (table.Index == TableIndexRule.Hls4ml && table.Low != -table.High)
            throw refuse("table.index", "hls4ml's rule needs a range symmetric about 0");
        ImmutableArray<int> entries = Entries(table, function);
        return index is { } direct
            ? new(name, inputs, output.Type, input.Type, direct, entries, EntryToOutput(table))
            : PerRawValue(
                name, inputs, raw => entries[TableIndexBuilder.Entry(table, input.Scale, raw)],
                EntryToOutput(table));
    }

    /// <summary>
    /// The same real values in another format, as ONNX Runtime's QLinearConcat fills its table:
    /// <c>Round(float32(float32(x) / y)) + zero</c> of real values x in float32.
    /// </summary>
    public LookupLayer Converting(string name, ImmutableArray<int> inputs) => PerRawValue(
        name, inputs,
        raw =>
        {
            float real = (raw - input.Scale.ZeroPoint) * (float)input.Scale.Step;
            double rounded = Math.Round(real / (float)output.Scale.Step);
            return (int)Math.Clamp(
                rounded + output.Scale.ZeroPoint, output.Target.Min, output.Target.Max);
        },
        OutputTarget);

    /// <summary>A function of raw values, as a library fills its table.</summary>
    public LookupLayer Build(
        string name, ImmutableArray<int> inputs, Func<long, (long Raw, bool Overflowed)> function)
    {
        long overflowed = 0;
        LookupLayer layer = PerRawValue(
            name, inputs,
            raw =>
            {
                (long fitted, bool isOver) = function(raw);
                if (isOver) overflowed++;
                return (int)fitted;
            },
            OutputTarget);
        record(ParameterEvents.Table, overflowed, layer.Table.Length);
        return layer;
    }

    private LookupLayer Exact(
        string name, ImmutableArray<int> inputs, Func<double, double> function)
    {
        long overflowed = 0;
        LookupLayer layer = PerRawValue(
            name,
            inputs,
            raw => Fit(
                function(RealConversion.Dequantize(raw, input.Scale)), output.Scale,
                stages.Output.Rounding, OutputTarget, ref overflowed),
            OutputTarget);
        record(ParameterEvents.Table, overflowed, layer.Table.Length);
        return layer;
    }

    private static int Fit(
        double value, in TensorScale scale, RoundingMode rounding, in ConversionSpec target,
        ref long overflowed)
    {
        var events = ConversionEvents.None;
        long raw = RealConversion.QuantizeCounting(value, scale, rounding, target, ref events);
        if ((events & ConversionEvents.Overflowed) != 0) overflowed++;
        return (int)raw;
    }

    /// <summary>One entry per raw value of the input.</summary>
    private LookupLayer PerRawValue(
        string name, ImmutableArray<int> inputs, Func<long, int> entry, ConversionSpec conversion)
    {
        if (input.Type.Bits > MostExactBits)
            throw refuse(
                "activation_functions",
                $"a {input.Type.Bits}-bit input needs a table whose step is a power-of-two "
                    + "multiple of its own");
        int count = 1 << input.Type.Bits;
        long first = input.Type.MinRaw;
        return new(
            name, inputs, output.Type, input.Type,
            new(0, 1, 0, 1, RoundingMode.TowardNegative, -first),
            [.. Enumerable.Range(0, count).Select(i => entry(first + i))], conversion);
    }

    private ImmutableArray<int> Entries(TableStage table, Func<double, double> function)
    {
        double step = (table.High - table.Low) / table.Entries;
        (TensorScale scale, RoundingMode rounding, ConversionSpec target) =
            table.Entry is { } register
                ? (TensorScale.PowerOfTwo(register.Format.FractionBits), register.Rounding,
                    register.From(register.Format.FractionBits, stages.Dialect))
                : (output.Scale, stages.Output.Rounding, OutputTarget);
        long overflowed = 0;
        int[] entries = new int[table.Entries];
        for (int i = 0; i < entries.Length; i++)
        {
            double value = table.Values is { } own ? own[i] : function(table.Low + (i * step));
            entries[i] = Fit(value, scale, rounding, target, ref overflowed);
        }

        record(ParameterEvents.Table, overflowed, entries.Length);
        return [.. entries];
    }

    private ConversionSpec EntryToOutput(TableStage table)
    {
        if (table.Entry is not { } register) return OutputTarget;
        if (output.Scale.FractionBits is not int fraction || output.Scale.ZeroPoint != 0)
            throw refuse(
                "table.entry",
                "entries with a binary point need an output with one (leave the entry format out)");
        return OutputTarget with
        {
            Shift = register.Format.FractionBits - fraction,
            Rounding = stages.Output.Rounding,
        };
    }
}

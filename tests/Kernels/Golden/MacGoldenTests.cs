using System.Text.Json;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Golden;

/// <summary>
/// Sequential accumulations as AMD's ap_fixed computes them, every partial sum compared.
/// </summary>
public sealed class MacGoldenTests
{
    [SkippableFact]
    public void Trace_EveryGoldenAccumulation_GivesEveryStepAndTheOutput()
    {
        string[] lines = SharedFolder.GoldenLines("mac_ap.jsonl.gz");
        Assert.Equal(360, lines.Length);
        Assert.All(lines, line => Replay(JsonDocument.Parse(line).RootElement));
    }

    private static void Replay(JsonElement row)
    {
        MacLayer layer = Layer(row);
        var program = new QuantizedProgram(
            "golden", new(layer.Input, RoundingMode.TowardNegative, OverflowMode.Wrap), [layer]);
        Assert.Null(ProgramLimits.WhyNot(program));
        MacTrace trace = MacTracer.Trace(program, 0, Longs(row, "xs"), new ElementAddress(0, 0, 0));
        Assert.Equal(Longs(row, "steps"), trace.Updates.Select(u => u.Accumulator));
        Assert.Equal(row.GetProperty("out").GetInt64(), trace.Output);
    }

    private static MacLayer Layer(JsonElement row)
    {
        FixedFormat x = Format(row, "x");
        FixedFormat w = Format(row, "w");
        FixedFormat accumulator = Format(row, "accumulator");
        FixedFormat output = Format(row, "output");
        bool converts = row.GetProperty("product").ValueKind != JsonValueKind.Null;
        int exactPoint = x.FractionBits + w.FractionBits;
        int productPoint = converts ? Format(row, "product").FractionBits : exactPoint;
        int common = Math.Max(productPoint, accumulator.FractionBits);
        TensorType input = new(new(Longs(row, "xs").Length), x.TotalBits, x.IsSigned, x.Step);
        return new(
            "mac",
            [0],
            new(new(1), output.TotalBits, output.IsSigned, output.Step),
            input,
            new WindowGeometry(),
            [.. Longs(row, "ws").Select(v => (int)v)],
            w.TotalBits,
            w.IsSigned,
            [row.GetProperty("bias").GetInt64()],
            new MacSpec
            {
                ProductStage = converts ? ProductStage.Converted : ProductStage.Exact,
                Product = converts ? Into(row, "product", exactPoint) : default,
                AccumulatorAlign = common - accumulator.FractionBits,
                PartialAlign = common - productPoint,
                Update = Into(row, "accumulator", common),
                Lanes = 1,
                Order = ReductionOrder.ChannelFirst,
                Interleave = 1,
                When = AccumulatorUpdate.EveryUpdate,
                Bias = BiasPosition.First,
                InputOffset = 0,
            },
            [
                new Requantization
                {
                    Kind = RequantizationKind.Shift,
                    Output = Into(row, "output", accumulator.FractionBits),
                    ClampMin = long.MinValue,
                    ClampMax = long.MaxValue,
                },
            ]);
    }

    private static ConversionSpec Into(JsonElement row, string key, int sourceFractionBits)
    {
        FixedFormat target = Format(row, key);
        JsonElement format = row.GetProperty(key);
        return ConversionSpec.Into(
            target,
            sourceFractionBits - target.FractionBits,
            ModeNames.Rounding(format.GetProperty("rounding").GetString()!),
            ModeNames.Overflow(format.GetProperty("overflow").GetString()!));
    }

    private static FixedFormat Format(JsonElement row, string key)
    {
        JsonElement format = row.GetProperty(key);
        int bits = format.GetProperty("bits").GetInt32();
        return new(
            bits, bits - format.GetProperty("integer_bits").GetInt32(),
            format.GetProperty("signed").GetBoolean());
    }

    private static long[] Longs(JsonElement row, string key) =>
        [.. row.GetProperty(key).EnumerateArray().Select(v => v.GetInt64())];
}

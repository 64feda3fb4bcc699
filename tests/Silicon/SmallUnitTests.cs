using System.Globalization;
using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Tests;

/// <summary>Units small enough to try every input: conversions and requantizations.</summary>
public class SmallUnitTests
{
    private const int SourceBits = 10;

    [SkippableFact]
    public void Convert_EveryModeAndInput_IsTheReferences()
    {
        Unit[] units = [.. Specs().Select((spec, i) => Of($"convert{i}", spec))];
        Assert.InRange(units.Length, 200, 1000);
        AssertPassed(units);
    }

    [SkippableFact]
    public void Requantize_EveryAccumulatorUpTo10Bits_IsTheReferences()
    {
        Unit[] units =
        [
            .. Enumerable.Range(5000, 3000)
                .Select(seed => (Seed: seed, Layer: RandomTwins.Layer(seed)))
                .Where(l => l.Layer.Mac.Update.Bits <= SourceBits)
                .Take(60).Select(l => Of($"layer{l.Seed}", l.Layer)),
        ];
        Assert.Equal(60, units.Length);
        AssertPassed(units);
    }

    [SkippableFact]
    public void Divide_EveryModeAndInput_IsTheReferences()
    {
        int[][] divisors = [[1, 2], [3], [5], [7], [9], [25], [49], [400], [4, 6, 9], [2, 3, 4, 6]];
        Unit[] units =
        [
            .. from all in divisors
               from divisor in all
               from mode in Enum.GetValues<RoundingMode>()
               where mode != RoundingMode.Stochastic
               select Of($"divide{string.Join('_', all)}by{divisor}{mode}", all, divisor, mode),
        ];
        AssertPassed(units);
    }

    private static IEnumerable<ConversionSpec> Specs() =>
        from rounding in Enum.GetValues<RoundingMode>()
        from overflow in Enum.GetValues<OverflowMode>()
        from dialect in Enum.GetValues<OverflowDialect>()
        from signed in new[] { true, false }
        from kept in new[] { 0, 2 }
        where kept == 0 || overflow is OverflowMode.Wrap or OverflowMode.WrapSignMagnitude
        from shift in rounding == RoundingMode.TowardNegative ? [3, 0, -1] : new[] { 3 }
        let spec = ConversionSpec.Into(
            new(5, 0, signed), shift, rounding, overflow, kept, dialect)
        where signed || overflow != OverflowMode.WrapSignMagnitude
        select spec;

    private static Unit Of(string name, ConversionSpec spec)
    {
        int random = spec.DrawsRandomBits ? spec.Shift : 0;
        return new(
            name, [ConvertModule.Of(name, name, SourceBits, spec).ToString()],
            new("value", SourceBits, true), random, [], spec.Bits,
            (long raw, ulong u, ref ConversionEvents events) =>
                Conversion.Convert(raw, spec, ref events, u));
    }

    private static Unit Of(string name, MacLayer layer)
    {
        Requantization first = layer.Requantization[0];
        return new(
            $"{name}_requantize",
            [.. RequantizeModule.Of(layer, name).Select(m => m.ToString())],
            Wire.Of("accumulator", layer.Mac.Update), RequantizeModule.RandomBits(layer),
            [
                .. RequantizeModule.Ports(layer).Select(p =>
                    $".{p.Port.Name}({Wire.Literal(p.Value(first), p.Port.Bits)})"),
            ],
            first.Output.Bits,
            (long raw, ulong u, ref ConversionEvents events) =>
                Requantizer.Requantize(raw, first, ref events, u));
    }

    private static Unit Of(string name, int[] divisors, int divisor, RoundingMode mode)
    {
        BigInteger[] all = [.. divisors.Select(d => new BigInteger(d))];
        var module = new ModuleText(name, name);
        Wire value = new("value", SourceBits, true);
        Wire chosen = new("chosen", DivisionText.Bits(all), false);
        module.Input(value);
        if (all.Length > 1) module.Input(chosen);
        Wire rounded = DivisionText.Round(module, value, all, chosen, mode);
        module.Output(rounded with { Name = "result" });
        module.Output(new("overflowed", 1, false));
        module.Output(new("inexact", 1, false));
        module.Drive("result", rounded.Name);
        module.Drive("overflowed", "1'b0");
        module.Drive("inexact", "dropped");
        return new(
            name, [module.ToString()], value, 0,
            all.Length > 1 ? [$".chosen({Wire.Literal(divisor, chosen.Bits)})"] : [],
            rounded.Bits,
            (long raw, ulong _, ref ConversionEvents events) =>
            {
                if (raw % divisor != 0) events |= ConversionEvents.Inexact;
                return Rounding.Divide(raw, divisor, mode);
            });
    }

    private static void AssertPassed(Unit[] units)
    {
        string said = Simulators.Bench(
            [
                ("units.sv", string.Concat(units.SelectMany(u => u.Modules))),
                ("bench.sv", Bench(units)), .. units.Select(u => ($"{u.Name}.hex", u.Expected())),
            ]);
        Assert.Equal("", string.Join(
            '\n', said.Split('\n').Where(l => l.StartsWith("DIFFERS", StringComparison.Ordinal))));
        Assert.Contains($"TRIED {units.Sum(u => (long)u.Tries)}", said);
    }

    private static string Bench(Unit[] units) => $$"""
        module bench;
          longint tried = 0;
        {{string.Concat(units.Select(One))}}
          initial begin
            #100000 $display("TRIED %0d", tried);
            $finish;
          end
        endmodule
        """;

    private static string One(Unit unit) => $$"""
          logic [{{unit.Value.Bits - 1}}:0] {{unit.Name}}_value;
          logic [{{Math.Max(unit.Random, 1) - 1}}:0] {{unit.Name}}_random;
          wire [{{unit.ResultBits + 1}}:0] {{unit.Name}}_found;
          logic [{{unit.ResultBits + 1}}:0] {{unit.Name}}_expected [0:{{unit.Tries - 1}}];
          {{unit.Name}} {{unit.Name}}_unit ({{string.Join(", ", Ports(unit))}});
          integer {{unit.Name}}_i;
          initial begin
            $readmemh("{{unit.Name}}.hex", {{unit.Name}}_expected);
            for ({{unit.Name}}_i = 0; {{unit.Name}}_i < {{unit.Tries}};
                 {{unit.Name}}_i = {{unit.Name}}_i + 1) begin
              { {{unit.Name}}_random, {{unit.Name}}_value } = {{unit.Name}}_i;
              #1 tried = tried + 1;
              if ({{unit.Name}}_found !== {{unit.Name}}_expected[{{unit.Name}}_i])
                $display("DIFFERS {{unit.Name}} input=%0d expected=%h found=%h",
                         {{unit.Name}}_i, {{unit.Name}}_expected[{{unit.Name}}_i],
                         {{unit.Name}}_found);
            end
          end

        """;

    private static IEnumerable<string> Ports(Unit unit)
    {
        string name = unit.Name;
        yield return $".{unit.Value.Name}({name}_value)";
        if (unit.Random > 0) yield return $".random({name}_random)";
        foreach (string constant in unit.Constants) yield return constant;
        yield return $".result({name}_found[{unit.ResultBits + 1}:2])";
        yield return $".overflowed({name}_found[1]), .inexact({name}_found[0])";
    }

    private delegate long Reference(long raw, ulong random, ref ConversionEvents events);

    /// <summary>A module with all that goes in and what the reference makes of it.</summary>
    private sealed record Unit(
        string Name, string[] Modules, Wire Value, int Random, string[] Constants,
        int ResultBits, Reference Reference)
    {
        public int Tries => 1 << (Value.Bits + Random);

        /// <summary>Result, overflowed, inexact; random bits count beyond the value's.</summary>
        public string Expected() => string.Concat(Enumerable.Range(0, Tries).Select(i =>
        {
            int low = i & ((1 << Value.Bits) - 1);
            long raw = Value.IsSigned && low >> (Value.Bits - 1) == 1
                ? low - (1 << Value.Bits)
                : low;
            ulong random = Random == 0 ? 0 : (ulong)(i >> Value.Bits) << (64 - Random);
            ConversionEvents events = default;
            long result = Reference(raw, random, ref events);
            long bits = (result & ((1L << ResultBits) - 1)) << 2;
            if ((events & ConversionEvents.Overflowed) != 0) bits |= 2;
            if ((events & ConversionEvents.Inexact) != 0) bits |= 1;
            return bits.ToString("x", CultureInfo.InvariantCulture) + "\n";
        }));
    }
}

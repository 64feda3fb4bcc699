using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Conformance;
using Xunit.Abstractions;

namespace QSim.Kernels.Tests.OtherTools;

/// <summary>Random conversions against Accellera's SystemC, other ones in every run.</summary>
public sealed class SystemCTests(ITestOutputHelper output)
{
    /// <summary>SystemC's sc_q_mode, in the order of its numbers.</summary>
    private static readonly string[] Quantizations =
        ["RND", "RND_ZERO", "RND_MIN_INF", "RND_INF", "RND_CONV", "TRN", "TRN_ZERO"];

    /// <summary>SystemC's sc_o_mode, in the order of its numbers.</summary>
    private static readonly string[] Overflows = ["SAT", "SAT_ZERO", "SAT_SYM", "WRAP", "WRAP_SM"];

    [SkippableFact]
    public void Convert_RandomCases_EqualsSystemC()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var choose = new Choices(seed);
        Case[] cases = [.. Enumerable.Range(0, 100_000).Select(_ => Case.Of(choose))];
        string[] answers = CppDriver.Run(
            "systemc_cast.cpp", "/usr/include/systemc", "libsystemc-dev", ["-lsystemc"],
            cases.Select(c => c.Line));
        Assert.Equal(cases.Length, answers.Length);
        string[] wrong =
        [
            .. cases
                .Zip(answers)
                .Where(p =>
                    p.First.Convert() != ulong.Parse(p.Second, CultureInfo.InvariantCulture)
                )
                .Select(p => $"{p.First.Line}: SystemC {p.Second}, QSim {p.First.Convert()}"),
        ];
        Assert.True(
            wrong.Length == 0,
            $"seed {seed}: {wrong.Length} differ, first {wrong.FirstOrDefault()}");
    }

    private sealed record Case(
        FixedFormat From, FixedFormat To, int Rounding, int Overflow, int N, long Raw)
    {
        public string Line => string.Create(
            CultureInfo.InvariantCulture,
            $"{Text(From)} {Text(To)} {Rounding} {Overflow} {N} {Raw}");

        public static Case Of(Choices choose)
        {
            FixedFormat to = Format(choose, 24);
            FixedFormat from = Format(choose, 48);
            int overflow = choose.Between(0, to.IsSigned ? 4 : 3);
            int n = overflow >= 3 && choose.Chance(0.5) ? choose.Between(0, to.TotalBits) : 0;
            return new(
                from, to, choose.Between(0, Quantizations.Length - 1), overflow, n,
                choose.Raw(from.MinRaw, from.MaxRaw) >> choose.Between(0, from.TotalBits - 1));
        }

        public ulong Convert()
        {
            var spec = ConversionSpec.Between(
                From, To, ModeNames.Rounding(Quantizations[Rounding]),
                ModeNames.Overflow(Overflows[Overflow]), N, OverflowDialect.SystemC);
            ConversionEvents events = ConversionEvents.None;
            return (ulong)Conversion.Convert(Raw, spec, ref events)
                & (ulong.MaxValue >> (64 - To.TotalBits));
        }

        private static FixedFormat Format(Choices choose, int mostBits)
        {
            int bits = choose.Between(1, mostBits);
            return new(bits, bits - choose.Between(-3, bits + 3), choose.Chance(0.6));
        }

        private static string Text(FixedFormat f) =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(f.IsSigned ? 1 : 0)} {f.TotalBits} {f.IntegerBits}");
    }
}

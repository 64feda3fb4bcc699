using System.Diagnostics;
using System.Text;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Describing;
using Xunit.Abstractions;

namespace QSim.Simulator.Tests.Profiles;

/// <summary>Mutated profiles are read or refused, quickly, and never anything else.</summary>
public class ProfileFuzzTests(ITestOutputHelper output)
{
    private const int Mutants = 20_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly string[] Pieces =
    [
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "\t",
        "#",
        "&a ",
        "*a",
        "!!str ",
        "\"",
        "'",
        "|",
        ">",
        "?",
        "%",
        "---\n",
        "...\n",
        "<<: ",
        "null",
        "~",
        "true",
        "-1",
        "0",
        "64",
        "99999999999999999999",
        "1e9",
        ".nan",
        "int8",
        "uint33",
        "Q3.4",
        "ap_fixed<16,6>",
        "ap_fixed<1,99,AP_RND,AP_WRAP_SM,9>",
        "ac_fixed<8,4,false,AC_RND>",
        "fixed<",
        "calibrated",
        "product",
        "accumulator",
        "exact",
        "layers",
        "match",
        "extends: int8-wide\n",
        "weight",
        "bits",
        "fraction_bits: 70\n",
        "signed: auto",
        "WRAP",
        "STOCHASTIC",
        "\u0000",
        "\uFEFF",
        "é",
        "\uD800",
        "real",
        "all",
    ];

    [Fact]
    public void MutatedProfiles_AreReadOrRefused()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("QSIM_FUZZ_SEED"), out int given)
            ? given
            : 20261122;
        output.WriteLine($"seed {seed} (QSIM_FUZZ_SEED)");
        string[] sources =
        [
            .. Directory
                .GetFiles(ProfileFolders.Good, "*.yaml")
                .Concat(Directory.GetFiles(ProfileFolders.Shipped, "*.yaml"))
                .Concat(
                    Directory
                        .GetFiles(ProfileFolders.Bad, "*.yaml")
                        .Where(f => !f.Contains("extends")))
                .Order(StringComparer.Ordinal)
                .Select(File.ReadAllText),
        ];
        int compiled = 0;
        Parallel.For(
            0,
            Mutants,
            i =>
            {
                var random = new Random(seed ^ i);
                string mutant = Mutate(sources[i % sources.Length], sources, random);
                if (ReadsOrIsRefused(mutant, $"seed {seed}, mutant {i}"))
                    Interlocked.Increment(ref compiled);
            });
        output.WriteLine($"{compiled} of {Mutants} compiled");
        Assert.InRange(compiled, Mutants / 100, Mutants * 99 / 100);
    }

    private static bool ReadsOrIsRefused(string mutant, string which)
    {
        long start = Stopwatch.GetTimestamp();
        bool compiled = false;
        try
        {
            HardwareProfile profile = ProfileReader.Parse(mutant, "mutant.yaml");
            DatapathCompiler.Compile(profile).For("dense", "fc", isLast: true);
            // Whatever is accepted must also survive being written out.
            _ = DatapathCompiler.Compile(
                ProfileReader.Parse(ResolvedProfile.Yaml(profile), "again.yaml"));
            compiled = true;
        }
        catch (InputException e)
        {
            Assert.False(
                e.Errors[0].File == "again.yaml",
                $"{which}: its resolved form is refused: {e.Message}\n{mutant}");
            // What is wrong with the whole file has no place in it.
            Assert.All(
                e.Errors,
                r => Assert.True(
                    (r.Line >= 1 && r.Column >= 1 || r.ToString().Contains(": the file is "))
                        && !r.ToString().Contains('\n'),
                    r.ToString()));
        }
        catch (Exception e)
        {
            Assert.Fail($"{which}: {e}\n{mutant}");
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < Longest, $"{which} took too long\n{mutant}");
        return compiled;
    }

    private static string Mutate(string text, string[] sources, Random random)
    {
        var mutant = new StringBuilder(text);
        for (int edits = 1 + random.Next(4); edits > 0; edits--)
        {
            int at = random.Next(mutant.Length + 1);
            int length = Math.Min(random.Next(12), mutant.Length - at);
            switch (random.Next(6))
            {
                case 0:
                    mutant.Remove(at, length);
                    break;
                case 1:
                    mutant.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 2 when at < mutant.Length:
                    mutant[at] = (char)random.Next(0x20, 0x7F);
                    break;
                case 3:
                    string other = sources[random.Next(sources.Length)];
                    int from = random.Next(other.Length + 1);
                    mutant.Insert(
                        at, other.AsSpan(from, Math.Min(random.Next(80), other.Length - from)));
                    break;
                case 4:
                    ReplaceNumber(mutant, random);
                    break;
                default:
                    mutant.Insert(at, mutant.ToString(at, length));
                    break;
            }
        }

        return mutant.ToString();
    }

    /// <summary>The mutation that most often stays readable.</summary>
    private static void ReplaceNumber(StringBuilder mutant, Random random)
    {
        int[] digits =
            [.. Enumerable.Range(0, mutant.Length).Where(i => char.IsAsciiDigit(mutant[i]))];
        if (digits.Length > 0)
            mutant[digits[random.Next(digits.Length)]] = (char)('0' + random.Next(10));
    }
}

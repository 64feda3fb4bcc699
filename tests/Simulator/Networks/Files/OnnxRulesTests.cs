using System.Diagnostics;
using QSim.Simulator.Networks.Files.Onnx;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>
/// The table of operators and attributes against ONNX's own schemas, which
/// <c>Golden/onnx-operators.csv</c> holds: operators, the version that they are as described from,
/// attributes and numbers of inputs, from the ONNX project's change log of operators (August 2026).
/// </summary>
public class OnnxRulesTests
{
    private static readonly Schema[] Schemas =
    [
        .. File.ReadLines(Golden("onnx-operators.csv")).Skip(1).Select(line => line.Split(','))
            .Select(c => new Schema(
                c[0], int.Parse(c[1]), c[2].Split(' ', StringSplitOptions.RemoveEmptyEntries),
                c[3] == "many" ? int.MaxValue : int.Parse(c[3]))),
    ];

    private sealed record Schema(string Operator, int Since, string[] Attributes, int Inputs);

    public static TheoryData<string> Operators => [.. OnnxRules.All.Keys.Where(IsOnnxs)];

    [Theory]
    [MemberData(nameof(Operators))]
    public void Rules_OfAnOperator_HaveEveryAttributeOfEveryVersion(string name)
    {
        string[] known = [.. OnnxRules.All[name].All.Select(a => a.Name)];
        string[] schema = [.. Versions(name).SelectMany(s => s.Attributes).Distinct()];

        Assert.Equal(known.Order(), known.Distinct().Order());
        Assert.Equal(schema.Order(), known.Order());
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void Rules_OfAnOperator_TakeNoMoreInputsThanItHas(string name) => Assert.InRange(
        Math.Min(OnnxRules.All[name].Inputs, 1000), 0, Versions(name).Max(s => s.Inputs));

    /// <summary>Debian's python3-onnx has versions up to 17; what it lacks is deprecated.</summary>
    [SkippableFact]
    public void Schemas_AreThoseOfOnnxItself()
    {
        const string Python = "/usr/bin/python3";
        Skip.IfNot(File.Exists(Python), "there is no python3");
        const string Script = """
            try:
                import onnx.defs as d
            except ImportError:
                raise SystemExit(3)
            many = d.OpSchema.FormalParameterOption.Variadic
            for s in d.get_all_schemas_with_history():
                if s.domain == '' and not s.deprecated:
                    inputs = 'many' if any(i.option == many for i in s.inputs) else len(s.inputs)
                    print(s.name, s.since_version, inputs, *sorted(s.attributes))
            """;
        using Process python = Process.Start(new ProcessStartInfo(Python, ["-c", Script])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        string[] lines = python.StandardOutput.ReadToEnd().Split(
            '\n', StringSplitOptions.RemoveEmptyEntries);
        python.WaitForExit();
        Skip.If(python.ExitCode == 3, "python3-onnx is not installed");

        HashSet<string> known = [.. Schemas.Select(s => string.Join(
            ' ',
            [
                s.Operator, $"{s.Since}", s.Inputs == int.MaxValue ? "many" : $"{s.Inputs}",
                .. s.Attributes.Order(StringComparer.Ordinal),
            ]))];
        Assert.True(lines.Length > 300, $"{lines.Length} schemas");
        Assert.DoesNotContain(lines, l => !known.Contains(l));
    }

    /// <summary>What an operator is in some version that is read.</summary>
    private static IEnumerable<Schema> Versions(string name)
    {
        Schema[] all = [.. Schemas.Where(s => s.Operator == name).OrderBy(s => s.Since)];
        int oldest = all.Where(s => s.Since <= OnnxModel.OldestOpset)
            .Select(s => s.Since).DefaultIfEmpty(0).Max();
        return all.Where(s => s.Since >= oldest && s.Since <= OnnxModel.NewestOpset);
    }

    private static bool IsOnnxs(string name) => !name.Contains('.');

    private static string Golden(string file) => Path.Combine(GoldenNetworkTests.Folder, file);
}

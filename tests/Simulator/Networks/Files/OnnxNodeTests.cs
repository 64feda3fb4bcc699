using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using static System.StringComparison;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>
/// ONNX's own tests of single operators (Debian's libonnx-testdata): a model, its inputs and what
/// comes out. Everything but the first input is made a constant, as it is in a trained network.
/// </summary>
public class OnnxNodeTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const string Folder = "/usr/share/libonnx-testdata/data/node";

    public static TheoryData<string> Supported =>
        [
            "averagepool_2d_ceil",
            "averagepool_2d_default",
            "averagepool_2d_pads",
            "averagepool_2d_precomputed_pads",
            "averagepool_2d_precomputed_same_upper",
            "averagepool_2d_precomputed_strides",
            "averagepool_2d_same_lower",
            "averagepool_2d_same_upper",
            "averagepool_2d_strides",
            "basic_conv_with_padding",
            "basic_conv_without_padding",
            "batchnorm_epsilon",
            "batchnorm_example",
            "conv_with_autopad_same",
            "conv_with_strides_and_asymmetric_padding",
            "conv_with_strides_no_padding",
            "conv_with_strides_padding",
            "flatten_axis1",
            "flatten_default_axis",
            "flatten_negative_axis3",
            "gemm_alpha",
            "gemm_default_no_bias",
            "gemm_default_scalar_bias",
            "gemm_default_single_elem_vector_bias",
            "gemm_default_vector_bias",
            "gemm_default_zero_bias",
            "gemm_beta",
            "gemm_transposeB",
            "globalaveragepool",
            "globalaveragepool_precomputed",
            "globalmaxpool",
            "globalmaxpool_precomputed",
            "matmul_2d",
            "maxpool_2d_ceil",
            "maxpool_2d_default",
            "maxpool_2d_pads",
            "maxpool_2d_precomputed_pads",
            "maxpool_2d_precomputed_same_upper",
            "maxpool_2d_precomputed_strides",
            "maxpool_2d_same_lower",
            "maxpool_2d_same_upper",
            "maxpool_2d_strides",
        ];

    [SkippableTheory]
    [MemberData(nameof(Supported))]
    public void Import_OneOperator_GivesOnnxsOutput(string test)
    {
        Skip.IfNot(Directory.Exists(Folder), $"{Folder} is missing (libonnx-testdata)");
        Assert.Equal("", Difference(Path.Combine(Folder, "test_" + test)));
    }

    /// <summary>Every test of an operator that QSim reads: ONNX's output or a reason.</summary>
    [SkippableFact]
    public void Import_EveryNodeTest_GivesOnnxsOutputOrAReason()
    {
        Skip.IfNot(Directory.Exists(Folder), $"{Folder} is missing (libonnx-testdata)");
        var counts = new SortedDictionary<string, (int Passed, int Refused)>();
        List<string> wrong = [];
        foreach (string folder in Directory.GetDirectories(Folder).Order())
        {
            OnnxModel model = Read(folder);
            if (model.Nodes is not [{ Operator: var name }] || !OnnxRules.All.ContainsKey(name)
                || model.Inputs.Count == 0 || folder.Contains("sequence", Ordinal)) continue;
            (int passed, int refused) = counts.GetValueOrDefault(name);
            try
            {
                if (Difference(folder) is { Length: > 0 } difference)
                    wrong.Add($"{Path.GetFileName(folder)}: {difference}");
                counts[name] = (passed + 1, refused);
            }
            catch (Exception e) when (e is InputException or SizeException)
            {
                counts[name] = (passed, refused + 1);
                output.WriteLine($"  {e.Message}");
            }
            catch (Exception e)
            {
                wrong.Add($"{Path.GetFileName(folder)}: {e}");
            }
        }

        string[] table = [.. counts.Select(
            c => $"| {c.Key} | {c.Value.Passed} | {c.Value.Refused} |")];
        output.WriteLine(string.Join('\n', table));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.InRange(counts.Values.Sum(c => c.Passed), 120, int.MaxValue);
        string page = Path.Combine(
            Profiles.ProfileFolders.Root, "docs", "onnx-node-tests.md");
        string[] lines = File.ReadAllLines(page);
        string[] before = [.. lines.TakeWhile(l => !l.StartsWith("|---", Ordinal))];
        if (Environment.GetEnvironmentVariable("QSIM_WRITE_REFERENCE") == "1")
            File.WriteAllLines(page, [.. before, lines[before.Length], .. table]);
        else
            Assert.Equal(table, lines.Skip(before.Length + 1));
    }

    private static OnnxModel Read(string folder)
    {
        OnnxModel model = OnnxReader.Read(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));
        return model with { Opset = Math.Max(OnnxModel.OldestOpset, model.Opset) };
    }

    /// <summary>Empty where QSim computes what ONNX has; else how they differ.</summary>
    private static string Difference(string folder)
    {
        OnnxModel model = Read(folder);
        OnnxTensor[] inputs = [.. model.Inputs.Select((_, i) => Tensor(folder, $"input_{i}.pb"))];
        OnnxTensor wanted = Tensor(folder, "output_0.pb");
        if (inputs[0].Reals is null || wanted.Reals is null || inputs[0].Shape.Count is < 2 or > 4)
            throw new InputException(InputError.InBinary(folder, "takes no images"));
        var constants = model
            .Inputs.Skip(1)
            .Zip(inputs.Skip(1))
            .ToDictionary(p => p.First.Name, p => p.Second);
        // The batch is left open, as it is in a network.
        OnnxInput first = model.Inputs[0] with
        {
            Dimensions = [null, .. model.Inputs[0].Dimensions.Skip(1)],
        };
        int[] s = [.. inputs[0].Shape.Select(e => (int)e)];
        TensorShape shape = s.Length switch
        {
            2 => new(s[1]),
            3 => new(s[1], 1, s[2]),
            _ => new(s[1], s[2], s[3]),
        };
        FloatNetwork network = OnnxImporter.Import(
            model with { Inputs = [first], Constants = constants, Outputs = [model.Outputs[0]] },
            Path.GetFileName(folder), shape);

        float[] found = [.. Enumerable.Range(0, s[0]).SelectMany(i =>
            FloatForward.Run(network, inputs[0].Reals.AsSpan(i * shape.Length, shape.Length))[^1])];
        if (wanted.Reals!.Length != found.Length)
            return $"{found.Length} values where there are {wanted.Reals.Length}";
        int worst = Enumerable.Range(0, found.Length).MaxBy(i =>
            Math.Abs(found[i] - wanted.Reals[i]) / Math.Max(1, Math.Abs(wanted.Reals[i])));
        return Math.Abs(found[worst] - wanted.Reals[worst])
            <= 1e-5 * Math.Max(1, Math.Abs(wanted.Reals[worst]))
                ? ""
                : $"value {worst} is {found[worst]}, not {wanted.Reals[worst]}";
    }

    private static OnnxTensor Tensor(string folder, string file)
    {
        string path = Path.Combine(folder, "test_data_set_0", file);
        try
        {
            return OnnxTensorReader.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(path)));
        }
        catch (InvalidDataException)
        {
            throw new InputException(InputError.InBinary(path, "not a tensor: an optional one"));
        }
    }
}

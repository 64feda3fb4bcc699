using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>
/// ONNX's own tests of single operators (Debian's libonnx-testdata): a model, its inputs and what
/// comes out. Everything but the first input is made a constant, as it is in a trained network.
/// </summary>
public class OnnxNodeTests
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
        string folder = Path.Combine(Folder, "test_" + test);
        Skip.IfNot(Directory.Exists(folder), $"{folder} is missing (libonnx-testdata)");
        OnnxModel model = OnnxReader.Read(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));
        model = model with { Opset = Math.Max(OnnxRules.OldestOpset, model.Opset) };
        OnnxTensor[] inputs = [.. model.Inputs.Select((_, i) => Tensor(folder, $"input_{i}.pb"))];
        OnnxTensor wanted = Tensor(folder, "output_0.pb");
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
        TensorShape shape = s.Length == 2 ? new(s[1]) : new(s[1], s[2], s[3]);

        FloatNetwork network = OnnxImporter.Import(
            model with { Inputs = [first], Constants = constants, Outputs = [model.Outputs[0]] },
            test, shape);

        float[] found = [.. Enumerable.Range(0, s[0]).SelectMany(i =>
            FloatForward.Run(network, inputs[0].Reals.AsSpan(i * shape.Length, shape.Length))[^1])];
        Assert.Equal(wanted.Reals!.Length, found.Length);
        Assert.All(
            found.Zip(wanted.Reals),
            p =>
                Assert.InRange(
                    Math.Abs(p.First - p.Second), 0, 1e-5 * Math.Max(1, Math.Abs(p.Second))));
    }

    private static OnnxTensor Tensor(string folder, string file) => OnnxTensorReader.Read(
        TensorProto.Parser.ParseFrom(
            File.ReadAllBytes(Path.Combine(folder, "test_data_set_0", file))));
}

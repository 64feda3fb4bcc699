using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Runner.Conformance;
using QSim.Simulator.Conformance;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Tests.Conformance;

/// <summary>Programs written as ready-made integers and read back are the same programs.</summary>
public class IntegerExportTests
{
    public static TheoryData<string> Profiles => [.. ShippedProfiles.Names];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Write_EveryLayerOnShippedProfile_ReadsBackTheSameProgram(string profile)
    {
        FloatNetwork network = ShippedCases.EveryLayer();
        QuantizedProgram program = ShippedCases.Program(profile, network);
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(profile));

        (_, _, QuantizedProgram back) = IntegerNetwork.Write(
            program, network, datapath, "w.npz");

        Assert.Null(ProgramDifference.Of(program, back));
    }

    /// <summary>
    /// The rounding that a profile has for tables decides nothing where an entry is the output,
    /// as in a network that was quantized elsewhere; where entries are rounded it does.
    /// </summary>
    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "a setting of layer 'tanh' differs")]
    public void Difference_RoundingOfATable_CountsWhereBitsAreDropped(int shift, string? expected)
    {
        QuantizedProgram program = ShippedCases.Program("tflite-int8", ShippedCases.EveryLayer());

        Assert.Equal(
            expected,
            ProgramDifference.Of(
                With(RoundingMode.NearestTiesToEven), With(RoundingMode.NearestTiesAway)));

        QuantizedProgram With(RoundingMode rounding) => program with
        {
            Layers =
            [
                .. program.Layers.Select(l => l is LookupLayer { Name: "tanh" } tanh
                    ? tanh with
                    {
                        Conversion = tanh.Conversion with { Shift = shift, Rounding = rounding },
                    }
                    : l),
            ],
        };
    }

    /// <summary>A graph that rounds to nearest even, on a profile whose tables round otherwise.
    /// </summary>
    [Fact]
    public void Write_TablesOfAQuantizedFile_ReadBackTheSameProgram()
    {
        FloatNetwork network = ShippedCases.EveryLayer();
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read("tflite-int8"));
        byte[] file = QdqWriter.Write(ShippedCases.Program("tflite-int8", network), network);
        FloatNetwork quantized = OnnxImporter.Import(file, "net.onnx", network.Input);
        QuantizedProgram program = Quantizer.Quantize(
            quantized, datapath, new float[network.Input.Length]);

        (_, _, QuantizedProgram back) = IntegerNetwork.Write(
            program, quantized, datapath, "w.npz");

        Assert.Contains(program.Layers, l => l is LookupLayer);
        Assert.Null(ProgramDifference.Of(program, back));
    }
}

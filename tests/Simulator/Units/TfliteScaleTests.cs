using QSim.Kernels.Datapath;
using QSim.Simulator.Conformance;

namespace QSim.Simulator.Tests.Units;

/// <summary>
/// Where functions of the profiles that follow TensorFlow Lite write: its specification fixes
/// scale and zero point of sigmoid, tanh and softmax, whatever calibration sees.
/// </summary>
public class TfliteScaleTests
{
    public static TheoryData<string, string, double, int> Functions()
    {
        var rows = new TheoryData<string, string, double, int>();
        foreach (string profile in (string[])["tflite-int8", "cmsis-nn-int8", "edge-tpu"])
        {
            rows.Add(profile, "sigmoid", 1.0 / 256, -128);
            rows.Add(profile, "tanh", 1.0 / 128, 0);
            rows.Add(profile, "softmax", 1.0 / 256, -128);
        }

        foreach (string function in (string[])["sigmoid", "tanh", "softmax"])
            rows.Add("cmsis-nn-16x8", function, 1.0 / 32768, 0);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Function_OfANetwork_HasTheSpecificationsScale(
        string profile, string function, double scale, int zeroPoint)
    {
        QuantizedProgram program = ShippedCases.Program(profile, ShippedCases.EveryLayer());
        TensorType output = program.Layers.Single(l => l.Name == function).Output;
        Assert.Equal((scale, zeroPoint, true), (output.Scale, output.ZeroPoint, output.IsSigned));
    }
}

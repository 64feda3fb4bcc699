using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Units;

/// <summary>Units of finn-w4a4 against qonnx's and FINN's own code; Golden/finn.csv.</summary>
public class FinnUnitTests
{
    private const string Profile = "finn-w4a4";

    /// <summary>A value at a threshold counts: ties go up.</summary>
    [Fact]
    public void Requantize_IsAMultiThreshold() => OneUnit.Each(
        "finn.csv", "threshold", 480,
        row => OneUnit.Of(
            OneUnit.Requantize(Profile, (1, 0), 1, (OneUnit.Real(row[1]), 0)),
            long.Parse(row[2])));

    [Fact]
    public void AveragePooling_IsQuantAvgPool2d() => OneUnit.Each(
        "finn.csv", "average", 400,
        row => OneUnit.Average(
            Profile, int.Parse(row[1]), int.Parse(row[1]), long.Parse(row[2])));

    /// <summary>What a shift leaves of the division is in the output's scale.</summary>
    [Theory]
    [InlineData(2, 1.0)]
    [InlineData(3, 16.0 / 9)]
    [InlineData(4, 1.0)]
    [InlineData(7, 64.0 / 49)]
    public void AveragePooling_ItsScale_HoldsTheRest(int kernel, double ratio)
    {
        LayerDatapath stages = OneUnit.Stages(Profile, "average_pool2d");
        QuantizedTensor input = OneUnit.Tensor(stages, 1, 0.5f, 0);
        QuantizedTensor output = AveragePoolBuilder.Output(
            (key, why) => new InvalidOperationException($"{key}: {why}"), stages, input,
            new(kernel, kernel, kernel, kernel), new(1));
        Assert.Equal((float)(0.5 * ratio), (float)output.Scale.Step);
    }
}

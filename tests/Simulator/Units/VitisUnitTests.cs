using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Units;

/// <summary>Units of dpu-int8 against Vitis AI's own quantizer; Golden/vitis.csv.</summary>
public class VitisUnitTests
{
    private const string Profile = "dpu-int8";

    [Fact]
    public void Requantize_IsVitisAis() => OneUnit.Each(
        "vitis.csv", "requantize", 500,
        row => OneUnit.Of(
            OneUnit.Requantize(
                Profile, OneUnit.Point(row[1]), TensorScale.PowerOfTwo(0), OneUnit.Point(row[2])),
            long.Parse(row[3])));

    [Fact]
    public void AveragePooling_IsVitisAis() => OneUnit.Each(
        "vitis.csv", "average", 520,
        row => OneUnit.Average(
            Profile, int.Parse(row[1]), int.Parse(row[2]), long.Parse(row[3])));

    [Fact]
    public void Add_IsVitisAis() => OneUnit.Each("vitis.csv", "add", 500, row => OneUnit.Of(
        OneUnit.Add(
            Profile, OneUnit.Point(row[1]), OneUnit.Point(row[2]), OneUnit.Point(row[3])),
        long.Parse(row[4]), long.Parse(row[5])));

    [Fact]
    public void Concat_IsVitisAis() => OneUnit.Each("vitis.csv", "concat", 200, row => OneUnit.Of(
        OneUnit.Concat(Profile, OneUnit.Point(row[1]), OneUnit.Point(row[2])),
        long.Parse(row[3])));
}

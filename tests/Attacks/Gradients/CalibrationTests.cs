using QSim.Simulator.Networks;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Tests.Gradients;

/// <summary>Calibration sees what the plain forward pass gives, bit for bit.</summary>
public class CalibrationTests
{
    private const int Images = 11;

    public static TheoryData<string> Names => TestNetworks.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Collect_EveryTensor_EqualsThePlainForwardPass(string name)
    {
        FloatNetwork network = TestNetworks.Create(name);
        float[] images = TestNetworks.Images(network, Images);
        float[][][] plain = [.. images.Chunk(network.Input.Length)
            .Select(image => FloatForward.Run(network, image))];

        var all = CalibrationSet.Collect(network, images);
        var few = CalibrationSet.Collect(network, images, mostKept: 1);

        for (int t = 0; t <= network.Layers.Length; t++)
        {
            float[] expected = [.. plain.SelectMany(tensors => tensors[t])];
            Assert.Equal(expected, all.Values(t));
            Assert.Equal(expected, few.Values(t));
            Assert.Equal((Math.Min(0, expected.Min()), Math.Max(0, expected.Max())), all.Range(t));
        }
    }

    [Fact]
    public void Values_AfterRelease_AreComputedAgain()
    {
        FloatNetwork network = TestNetworks.Create("residual");
        var set = CalibrationSet.Collect(network, TestNetworks.Images(network, 3));
        float[] before = set.Values(2).ToArray();
        set.Release();
        Assert.Equal(before, set.Values(2));
    }
}

using System.Collections.Immutable;
using QSim.Runner.Data;
using QSim.Runner.Data.Sources;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks;

namespace QSim.Runner.Tests.Data;

/// <summary>Images whose black and white are not 0 and 1.</summary>
public class PixelRangeTests
{
    private static readonly PixelRange Range = new(-1, 3);
    private static readonly FloatLayer Dense = new DenseLayer(
        "d", [0], 2, [1, -2, 0.5f, 3], [0.25f, -1]);

    public static TheoryData<string> Networks => ["plain", "normalised"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Before_ANetwork_IsTheSameFunctionOfWhatImagesWere(string name)
    {
        ImmutableArray<FloatLayer> layers = name == "plain"
            ? [Dense]
            : [new BatchNormLayer("n", [0], [2, 4], [0.5f, -1]), Dense with { Inputs = [1] }];
        FloatNetwork network = new("n", new(2), layers);
        float[] image = [-1, 2.5f], unit = [.. image.Select(v => Range.Unit(v)!.Value)];

        Assert.Equal([0, 0.875f], unit);
        float[] expected = FloatForward.Run(network, image)[^1],
            actual = FloatForward.Run(Range.Before(network), unit)[^1];
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-5f));
    }

    [Fact]
    public void Decode_ValuesInTheRange_AreBetween0And1()
    {
        NpyArray array = NpyArray.Of([-1f, 1, 3, 0], 2, 2);
        static RequestException Bad(string what) => new(what);
        Assert.Equal([0, 0.5f, 1, 0.25f], NpzImages.Decode(array, Bad, Range));
        string refused = Assert.Throws<RequestException>(
            () => NpzImages.Decode(array, Bad)).Message;
        Assert.Contains("value 0 is -1, all are -1 to 3 (supported: 0..1 for floats", refused);
        Assert.Contains("--pixel-range BLACK,WHITE", refused);
    }

    [Theory]
    [InlineData("1,-1")]
    [InlineData("0")]
    [InlineData("0,x")]
    [InlineData("0,1,2")]
    public void Parse_NoPair_IsRefused(string text) => Assert.Contains(
        "supported: black and white, as in -1,1 or 0,255",
        Assert.Throws<RequestException>(() => PixelRange.Parse(text.Split(','))).Message);
}

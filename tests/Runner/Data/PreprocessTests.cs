using QSim.Runner.Data;
using QSim.Runner.Studies.Keys;
using QSim.Simulator.Networks;

namespace QSim.Runner.Tests.Data;

/// <summary>Mean and deviation as torchvision and Keras spell them.</summary>
public class PreprocessTests
{
    private static readonly Preprocess Bytes = new()
    {
        Scale = 255,
        Mean = [103.5, 116, 123],
        Std = [2, 4, 0.5],
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Before_ANetwork_IsTheSameFunctionOfWhatItTook(bool hasRange)
    {
        FloatNetwork network = new("n", new(3), [new DenseLayer(
            "d", [0], 2, [1, -2, 0.5f, 3, 1, 2], [0.25f, -1])]);
        float[] unit = [0, 0.25f, 1];
        PixelRange range = new(-1, 1);
        double[] seen = [.. unit.Select(p => hasRange ? (2 * p) - 1 : p)];
        float[] taken = [.. seen.Select(
            (p, c) => (float)(((p * 255) - Bytes.Mean[c]) / Bytes.Std[c]))];

        FloatNetwork with = Bytes.Before(network);
        if (hasRange) with = range.Before(with);

        Assert.All(
            FloatForward.Run(network, taken)[^1].Zip(FloatForward.Run(with, unit)[^1]),
            p => Assert.Equal(p.First, p.Second, 1e-3f));
        Assert.IsType<BatchNormLayer>(with.Layers[0]);
        Assert.Equal(2, with.Layers.Length);
    }

    [Fact]
    public void Keys_RepeatedNumbers_KeepTheirPlaces()
    {
        StudyKey mean = PreprocessKeys.Key.Parts.Single(k => k.Name == "mean");

        Assert.Equal(
            [0.5, 0.25, 0.5],
            mean.Set!(new(), mean.Listed(["0.5", "0.25", "0.5"])).Preprocess!.Mean);
        Assert.Null(mean.Set!(new(), ["0"]).Preprocess);
    }

    [Theory]
    [InlineData("mean", "x", "pixel mean x (supported: one number, or one per channel)")]
    [InlineData("std", "0", "pixel std 0 (supported: one number, or one per channel, above")]
    [InlineData("scale", "-1", "pixel scale -1 (supported: one number")]
    public void Keys_ImpossibleNumbers_AreRefused(string key, string value, string why) =>
        Assert.Contains(why, Assert.Throws<RequestException>(
            () => PreprocessKeys.Key.Parts.Single(k => k.Name == key)
                .Set!(new(), [value])).Message);

    [Fact]
    public void Before_TwoNumbersForThreeChannels_IsRefused()
    {
        FloatNetwork network = new("n", new(3), [new DenseLayer("d", [0], 1, [1, 1, 1], [0])]);

        Assert.Contains(
            "pixel mean: 2 numbers for images of 3 channels (supported: one, or one per channel)",
            Assert.Throws<RequestException>(
                () => new Preprocess { Mean = [1, 2] }.Before(network)).Message);
    }
}

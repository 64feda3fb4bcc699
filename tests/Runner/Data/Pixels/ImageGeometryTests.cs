using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Data.Pixels;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Keys;

namespace QSim.Runner.Tests.Data.Pixels;

/// <summary>Sizes and places as torchvision has them.</summary>
public class ImageGeometryTests
{
    [Theory]
    [InlineData(300, 451, 256, 256, 384)]
    [InlineData(451, 300, 256, 384, 256)]
    [InlineData(64, 64, 32, 32, 32)]
    public void Resize_OneNumber_IsTheShorterSideAndCutsTheOther(
        int rows, int columns, int side, int toRows, int toColumns) => Assert.Equal(
            new TensorShape(3, toRows, toColumns),
            new ImageGeometry { Resize = [side] }.ShapeOf(new(3, rows, columns), "x"));

    /// <summary>int(round((columns - crop) / 2)), ties to even.</summary>
    [Theory]
    [InlineData(5, 2)]
    [InlineData(3, 0)]
    [InlineData(7, 2)]
    [InlineData(6, 2)]
    public void Crop_OddRest_StartsWhereTorchvisionStarts(int columns, int first)
    {
        float[] line = [.. Enumerable.Range(0, columns).Select(i => i / 8f)];

        float[] part = new ImageGeometry { Crop = [1, 2] }.Apply(
            line, new(1, 1, columns), false, "x");

        Assert.Equal([first / 8f, (first + 1) / 8f], part);
    }

    [Fact]
    public void Order_Bgr_TurnsThreeChannelsRound()
    {
        ImageSet images = new(new(3, 1, 2), [0, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f], [7]);

        ImageSet turned = new ImageGeometry { Order = ChannelOrder.Bgr }.Apply(images, "x");

        Assert.Equal([0.4f, 0.5f, 0.2f, 0.3f, 0, 0.1f], turned.Pixels);
        Assert.Equal([7], turned.Labels);
    }

    [Theory]
    [InlineData("crop", "9", "x: preprocess: a crop of 9x9 does not fit into 4x8 pixels")]
    [InlineData("channel_order", "bgr", "x: preprocess: order bgr for images of 2 channels")]
    public void Apply_ThatCannotBe_IsRefused(string key, string value, string why) =>
        Assert.Contains(why, Assert.Throws<RequestException>(
            () => Of((key, [value])).Apply(
                new ImageSet(new(2, 4, 8), new float[64], [0]), "x")).Message);

    [Fact]
    public void Apply_SizesOfFeatures_AreRefused() => Assert.Contains(
        "resize and crop are for images, not for features",
        Assert.Throws<RequestException>(
            () => Of(("resize", ["4"])).ShapeOf(new(64), "x")).Message);

    [Theory]
    [InlineData("interpolation", "cubic", "unknown interpolation 'cubic'; did you mean 'bicubic'?")]
    [InlineData("layout", "nchw", "unknown layout 'nchw' (supported: channels_first,")]
    [InlineData("resize", "0", "size 0 (supported: one or two numbers, 1..16384)")]
    [InlineData("resize", "99999999999", "size 99999999999 (supported: one or two")]
    [InlineData("crop", "x", "size x (supported: one or two numbers, 1..16384)")]
    public void Keys_Impossible_AreRefused(string key, string value, string why) =>
        Assert.Contains(
            why, Assert.Throws<RequestException>(() => Of((key, [value]))).Message);

    [Fact]
    public void Find_BicubicWithoutAntialias_IsRefused() => Assert.Contains(
        "antialias false with bicubic (supported: nearest, bilinear)",
        Assert.Throws<RequestException>(() => DatasetList.Find(
            "digits", null,
            Of(("resize", ["4"]), ("interpolation", ["bicubic"]), ("antialias", ["false"]))))
            .Message);

    [Fact]
    public void Find_DigitsResized_AreOtherImagesWithAnotherDigest()
    {
        Dataset digits = DatasetList.Find("digits").Load(new([])),
            small = DatasetList.Find("digits", null, Of(("resize", ["4", "6"]), ("crop", ["4"])))
                .Load(new([]));

        Assert.Equal(new TensorShape(1, 4, 4), small.Test.Shape);
        Assert.Equal(digits.Test.Labels, small.Test.Labels);
        Assert.NotEqual(digits.Sha256, small.Sha256);
        Assert.Contains(small.Test.Pixels, p => p * 255 != MathF.Round(p * 255));
    }

    private static ImageGeometry Of(params (string Key, string[] Values)[] said) => said.Aggregate(
        new StudySettings(),
        (study, s) => PreprocessKeys.Key.Parts.Single(k => k.Name == s.Key)
            .Set!(study, s.Values)).Preprocess!.Images!;
}

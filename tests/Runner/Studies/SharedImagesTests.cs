using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Runner.Studies;

namespace QSim.Runner.Tests.Studies;

/// <summary>
/// Whoever fills a cache can give it any checksum: what is in it is images of the study, or is
/// made again.
/// </summary>
public class SharedImagesTests
{
    private static readonly float[] Pixels = [0, 0.5f, 1, 0.25f];
    private static readonly byte[] Right = new SharedImages(
        new AttackEvidence
        {
            Needs = Knowledge.Gradients,
            Attempts = 1,
            Attacked = 2,
            Queries = new(1, 1, 1),
            Gradients = new(1, 1, 1),
        },
        Pixels).ToBytes();

    [Fact]
    public void Parse_WhatWasWritten_IsThat()
    {
        SharedImages? images = SharedImages.Parse(Right, count: 2, pixels: 4);

        Assert.Equal(Pixels, images!.Pixels);
        Assert.Equal(2, images.Evidence.Attacked);
    }

    [Fact]
    public void Parse_AnyCutOrAnyFirstByte_IsNothing()
    {
        for (int length = 0; length < Right.Length; length++)
            Assert.Null(SharedImages.Parse(Right.AsSpan(0, length), 2, 4));
        foreach (int at in new[] { 0, 1, 2, 3, 4, 8 })
            Assert.Null(SharedImages.Parse([.. Right[..at], 0xFF, .. Right[(at + 1)..]], 2, 4));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 3)]
    [InlineData(2, 5)]
    [InlineData(2, int.MaxValue)]
    public void Parse_OfOtherImages_IsNothing(int count, int pixels) =>
        Assert.Null(SharedImages.Parse(Right, count, pixels));

    [Theory]
    [InlineData(1.5f)]
    [InlineData(-0.1f)]
    [InlineData(float.NaN)]
    public void Parse_PixelOutside_IsNothing(float pixel)
    {
        byte[] bytes = [.. Right[..^4], .. BitConverter.GetBytes(pixel)];

        Assert.Null(SharedImages.Parse(bytes, 2, 4));
    }
}

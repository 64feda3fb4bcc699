using System.IO.Compression;
using QSim.Runner.Data;

namespace QSim.Runner.Tests.Data;

public class IdxFileTests
{
    private static readonly byte[] TwoImages =
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_GoodFile_GivesSizesAndValues(bool compressed)
    {
        IdxFile file = Read(compressed ? Gzip(TwoImages) : TwoImages, 3);

        Assert.Equal([2, 1, 3], file.Dimensions);
        Assert.Equal([1, 2, 3, 4, 5, 255], file.Values.ToArray());
    }

    [Fact]
    public void Read_MissingFile_Says() =>
        Says("nowhere.gz: there is no such file", () => IdxFile.Read("nowhere.gz", 3));

    [Fact]
    public void Read_EmptyFile_Says() => Says("it is empty", () => Read([], 3));

    [Fact]
    public void Read_AnotherKindOfFile_ShowsItsFirstBytes() =>
        Says(
            "f: starts with 0x50 0x4b 0x03 0x04, which is not",
            () => Read([0x50, 0x4b, 3, 4, 9, 9], 3));

    [Fact]
    public void Read_LabelsForImages_NamesBoth() => Says(
        "1 dimensions where 3 are needed: this is a file of labels, not a file of images",
        () => Read([0, 0, 8, 1, 0, 0, 0, 1, 7], 3));

    [Fact]
    public void Read_FloatElements_Says() =>
        Says("elements of type 0x0d", () => Read([0, 0, 0x0d, 1, 0, 0, 0, 1, 7, 7, 7, 7], 1));

    [Fact]
    public void Read_TruncatedHeader_Says() =>
        Says(
            "ends after 9 of 16 header bytes: the file is truncated",
            () => Read(TwoImages[..9], 3));

    [Fact]
    public void Read_TruncatedValues_Says() =>
        Says("ends after 4 of 6 values: the file is truncated", () => Read(TwoImages[..^2], 3));

    [Fact]
    public void Read_TrailingBytes_Says() =>
        Says("goes on for 1 bytes after its 6 values", () => Read([.. TwoImages, 0], 3));

    [Fact]
    public void Read_NegativeDimension_Says() =>
        Says(
            "gives -1 as the size of a dimension",
            () => Read([0, 0, 8, 1, 255, 255, 255, 255, 7], 1));

    [Fact]
    public void Read_TruncatedGzip_Says() =>
        Says("cannot be decompressed", () => Read(Gzip(TwoImages)[..^14], 3));

    [Fact]
    public void Read_DamagedGzip_Says()
    {
        byte[] damaged = Gzip([.. TwoImages[..8], 0, 0, 8, 0, 0, 0, 0, 1, .. new byte[4096]]);
        damaged[12] ^= 0xff;
        Assert.Throws<RequestException>(() => Read(damaged, 3));
    }

    [Fact]
    public void Combine_CountsDiffer_NamesBothFiles()
    {
        IdxFile labels = Read([0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3], 1);

        Says(
            "f: 3 labels for the 2 images of f",
            () => IdxImages.Combine(Read(TwoImages, 3), labels, 255, 10));
    }

    [Fact]
    public void Combine_LabelOutOfRange_SaysWhichAndWhat()
    {
        IdxFile labels = Read([0, 0, 8, 1, 0, 0, 0, 2, 1, 10], 1);

        Says(
            "label 1 is 10 (supported: 0..9)",
            () => IdxImages.Combine(Read(TwoImages, 3), labels, 255, 10));
    }

    [Fact]
    public void Combine_PixelAboveWhite_SaysWhichAndWhat()
    {
        IdxFile labels = Read([0, 0, 8, 1, 0, 0, 0, 2, 1, 9], 1);

        Says(
            "pixel 5 is 255 (supported: 0..16)",
            () => IdxImages.Combine(Read(TwoImages, 3), labels, 16, 10));
    }

    private static IdxFile Read(byte[] content, int dimensions) =>
        IdxFile.Read(content, "f", dimensions);

    private static void Says(string expected, Action action) =>
        Assert.Contains(expected, Assert.Throws<RequestException>(action).Message);

    private static byte[] Gzip(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal)) gzip.Write(content);
        return target.ToArray();
    }
}

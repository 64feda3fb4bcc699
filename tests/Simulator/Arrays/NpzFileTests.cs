using System.Text;
using QSim.Simulator.Arrays;

namespace QSim.Simulator.Tests.Arrays;

public class NpzFileTests
{
    /// <summary>The layout that numpy.lib.format documents, byte by byte.</summary>
    [Fact]
    public void ToBytes_SmallArray_IsNumpysVersion1()
    {
        byte[] bytes = NpyArray.Of([1, -2, 3], 3, 1).ToBytes();

        Assert.Equal("\u0093NUMPY\u0001\0v\0", Encoding.Latin1.GetString(bytes, 0, 10));
        string header = Encoding.Latin1.GetString(bytes, 10, 118);
        Assert.StartsWith("{'descr': '<i4', 'fortran_order': False, 'shape': (3,1,), }", header);
        Assert.EndsWith(" \n", header);
        Assert.Equal([1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 3, 0, 0, 0], bytes[128..]);
    }

    [Fact]
    public void Write_ThenRead_GivesTheSameArraysAndTheSameBytesTwice()
    {
        (string, NpyArray)[] arrays =
        [
            ("a", NpyArray.Of([1, 2, 3, 4, 5, 6], 2, 3)),
            ("b.c", NpyArray.Of([long.MaxValue, long.MinValue], 2)),
        ];
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        NpzFile.Write(first, arrays);
        NpzFile.Write(second, arrays);
        IReadOnlyDictionary<string, NpyArray> read = NpzFile.Read(first.ToArray());

        Assert.Equal(new[] { 2, 3 }, read["a"].Shape);
        Assert.Equal([1L, 2, 3, 4, 5, 6], read["a"].ToIntegers());
        Assert.Equal([long.MaxValue, long.MinValue], read["b.c"].ToIntegers());
        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Fact]
    public void Read_TwoArraysOfOneName_IsRefused()
    {
        using var file = new MemoryStream();
        NpzFile.Write(file, [("a", NpyArray.Of([1L], 1)), ("a", NpyArray.Of([2L], 1))]);

        Assert.Equal(
            "array 'a': is there twice",
            Assert.Throws<InvalidDataException>(() => NpzFile.Read(file.ToArray())).Message);
    }

    [Theory]
    [InlineData("<f4", "cut short", 200)]
    [InlineData(">i4", "elements of type '>i4'", 0)]
    [InlineData("|O", "elements of type '|O'", 0)]
    public void Parse_BrokenOrForeign_SaysWhy(string type, string message, int headerLength)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': (1,), }}\n";
        int stated = headerLength == 0 ? header.Length : headerLength;
        byte[] file =
        [
            0x93,
            .. "NUMPY"u8,
            1,
            0,
            (byte)stated,
            0,
            .. Encoding.Latin1.GetBytes(header),
            0,
            0,
            0,
            0,
        ];
        Assert.Contains(
            message, Assert.Throws<InvalidDataException>(() => NpyArray.Parse(file)).Message);
    }
}

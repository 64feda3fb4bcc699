using System.IO.Compression;
using QSim.Simulator.Arrays;
using QSim.Simulator.Files;

namespace QSim.Simulator.Tests.Files;

/// <summary>Files that are none, or say more than they hold.</summary>
public sealed class InputFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qsim-input").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [InlineData("/dev/zero", "is a device where a file is needed")]
    [InlineData("/dev/null", "is a device where a file is needed")]
    [InlineData("/proc/self/status", "is a file of the system that has no size where")]
    public void Read_WhatIsNoRegularFile_SaysWhatItIs(string path, string expected)
    {
        Skip.IfNot(File.Exists(path), $"there is no {path}");
        foreach (Action read in (Action[])[
            () => InputFile.Read(path), () => InputFile.Open(path).Dispose()])
            Assert.StartsWith(expected, Assert.Throws<IOException>(read).Message);
    }

    [SkippableFact]
    public void Read_Pipe_SaysSoAndDoesNotWait()
    {
        Skip.If(OperatingSystem.IsWindows(), "no pipes that have names");
        string pipe = Path.Combine(_folder, "pipe"), link = Path.Combine(_folder, "link");
        System.Diagnostics.Process.Start("mkfifo", pipe).WaitForExit();
        File.CreateSymbolicLink(link, pipe);
        foreach (string path in new[] { pipe, link })
            Assert.StartsWith(
                "is a pipe where a file is needed",
                Assert.Throws<IOException>(() => InputFile.Read(path)).Message);
    }

    [Fact]
    public void Read_EmptyFile_IsEmpty()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllBytes(file, []);
        Assert.Empty(InputFile.Read(file));
        Assert.Equal(
            "the file is empty", Assert.Throws<IOException>(() => InputFile.Open(file)).Message);
    }

    [Fact]
    public void Read_LinkToAFile_IsTheFile()
    {
        string file = Path.Combine(_folder, "file"), link = Path.Combine(_folder, "link");
        File.WriteAllBytes(file, new byte[5000]);
        File.CreateSymbolicLink(link, file);
        Assert.Equal(5000, InputFile.Read(link).Length);
        Assert.Contains(
            "larger than 4999",
            Assert.Throws<IOException>(() => InputFile.Read(link, 4999)).Message);
    }

    [Fact]
    public void Read_FolderOrNothing_SaysSo()
    {
        Assert.Contains(
            "is a folder", Assert.Throws<IOException>(() => InputFile.Read(_folder)).Message);
        Assert.Contains(
            "no such file",
            Assert.Throws<IOException>(() => InputFile.Read(_folder + "/x")).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b.npz")]
    public void Read_NameThatNoFileHas_SaysSo(string name) =>
        Assert.Equal(
            "is not a file name", Assert.Throws<IOException>(() => InputFile.Read(name)).Message);

    /// <summary>A megabyte that unpacks to a gigabyte is refused before it is one.</summary>
    [Fact]
    public void Gzip_GrowingBeyondReason_IsRefused()
    {
        byte[] bomb = Zeros(300 << 20);
        long before = GC.GetTotalAllocatedBytes();
        Assert.Contains(
            "unpacks to more",
            Assert.Throws<InvalidDataException>(() => Unpacking.Gzip(bomb)).Message);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1L << 30);
    }

    [Fact]
    public void Gzip_WithinReason_IsUnpacked() =>
        Assert.Equal(50 << 20, Unpacking.Gzip(Zeros(50 << 20)).Length);

    [Fact]
    public void Npz_WithAWrongChecksum_IsRefused()
    {
        using var stream = new MemoryStream();
        long[] values = [.. Enumerable.Range(0, 99).Select(i => i * 77L)];
        NpzFile.Write(stream, [("a", NpyArray.Of(values, 99))]);
        byte[] file = stream.ToArray();
        int flipped = 0;
        for (int at = 0; at < file.Length; at++)
        {
            byte[] damaged = [.. file];
            damaged[at] ^= 4;
            try
            {
                if (NpzFile.Read(damaged).TryGetValue("a", out NpyArray? a))
                    Assert.Equal(98 * 77L, a.ToIntegers()[98]);
            }
            catch (InvalidDataException)
            {
                flipped++;
            }
        }

        Assert.True(flipped > file.Length / 3);
    }

    private static byte[] Zeros(int count)
    {
        using var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.SmallestSize, leaveOpen: true))
            for (int i = 0; i < count >> 20; i++) gzip.Write(new byte[1 << 20]);
        return to.ToArray();
    }
}

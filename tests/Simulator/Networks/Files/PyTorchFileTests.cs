using System.IO.Compression;
using System.Text;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.PyTorch;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>Files that PyTorch 1.13 saved (Golden/make.py), whole, damaged and hostile.</summary>
public class PyTorchFileTests
{
    private const string Script = "resnet.torchscript.pt";
    private const string StateDict = "resnet.state_dict.pt";
    private const string Legacy = "resnet.legacy.pt";
    private const string Damaged = "damaged: '{0}' does not have its checksum";

    [Theory]
    [InlineData(Script)]
    [InlineData(StateDict)]
    public void Read_WhatPyTorchSaved_IsWhatSafetensorsHold(string file) =>
        AssertResNet(PyTorchFile.Read(Golden(file)));

    [Fact]
    public void Read_ViewsTypesAndWholeModules_AreTensorsOfTheirNames()
    {
        IReadOnlyDictionary<string, NpyArray> arrays = PyTorchFile.Read(Golden("tensors.pt"));

        AssertArray(
            arrays["state_dict.turned"], "<f4", [6, 4],
            [.. Enumerable.Range(0, 24).Select(i => (double)((i % 4 * 6) + (i / 4)))]);
        AssertArray(arrays["state_dict.cut"], "<f4", [2, 3], [6, 8, 10, 12, 14, 16]);
        AssertArray(arrays["state_dict.scalar"], "<i8", [], [7]);
        AssertArray(arrays["state_dict.empty"], "<f4", [0, 3], []);
        AssertArray(arrays["state_dict.double"], "<f8", [1], [0.1]);
        AssertArray(arrays["state_dict.byte"], "|u1", [1], [255]);
        AssertArray(
            arrays["state_dict.half"], "<f2", [2], [0.333251953125, 0.333251953125]);
        AssertArray(arrays["state_dict.brain"], "<f4", [2], [0.333984375, 0.333984375]);
        AssertArray(arrays["module.0.weight"], "<f4", [3, 2], [0, 1, 2, 3, 4, 5]);
        AssertArray(arrays["module.0.bias"], "<f4", [3], [0, 1, 2]);
        AssertArray(arrays["module.1.running_var"], "<f4", [3], [1, 1, 1]);
        Assert.Equal(15, arrays.Count);
    }

    /// <summary>libtorch would compile the code, and end the process where it cannot.</summary>
    [Fact]
    public void Read_CodeThatDoesNotCompile_IsLeftAlone() =>
        AssertResNet(
            PyTorchFile.Read(
                Changed(
                    Golden(Script),
                    (name, data) =>
                        name.EndsWith(".py", StringComparison.Ordinal)
                            ? "def forward(:\n  ops.evil.run(\n"u8.ToArray()
                            : data
                )
            )
        );

    /// <summary>Python would run the command.</summary>
    [Fact]
    public void Read_PickleThatCalls_CallsNothing()
    {
        byte[] pickle =
            [0x80, 2, .. "cos\nsystem\n(X"u8, 9, 0, 0, 0, .. "touch bad"u8, .. "tR."u8];
        Assert.Empty(PyTorchFile.Read(WithPickle(pickle)));
    }

    public static TheoryData<byte[], string> Hostile => new()
    {
        { [0x80, 4, (byte)'.'], "pickle protocol 4 (supported: 2, which PyTorch writes)" },
        { [0x80, 2, 0xFF], "its pickle holds operation 0xff, which PyTorch does not write" },
        { [0x80, 2, .. "X"u8, 255, 255, 255, 127], "its pickle is cut short" },
        { [0x80, 2, .. "X"u8, 255, 255, 255, 255], "its pickle is cut short" },
        { [0x80, 2, .. "cos"u8], "its pickle is cut short" },
        { [0x80, 2], "its pickle is cut short" },
        { "h\x7."u8.ToArray(), "its pickle is damaged" },
        { "t."u8.ToArray(), "its pickle is damaged" },
        { "N(u."u8.ToArray(), "its pickle is damaged" },
        { "}q\0U\u0001ah\0s."u8.ToArray(), "its pickle nests more than any network does" },
        { Laughs(30), "its pickle nests more than any network does" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Read_HostilePickle_IsOneLine(byte[] pickle, string expected) =>
        Assert.Equal(expected, Refusal(WithPickle(pickle)));

    /// <summary>Bytes of the pickle changed where the checksum is right all the same.</summary>
    [Fact]
    public void Read_EveryByteOfThePickleChanged_IsReadOrOneLine()
    {
        byte[] whole = Golden(StateDict);
        byte[] pickle = Entry(whole, "data.pkl");
        int refused = 0;
        for (int i = 0; i < pickle.Length; i++)
        {
            byte[] changed = [.. pickle];
            changed[i] = (byte)(changed[i] + 1 + (i % 255));
            byte[] file = Changed(
                whole,
                (name, data) =>
                    name.EndsWith("data.pkl", StringComparison.Ordinal) ? changed : data);
            try
            {
                PyTorchFile.Read(file);
            }
            catch (InvalidDataException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
            }
        }

        Assert.InRange(refused, pickle.Length / 4, pickle.Length);
    }

    [Theory]
    [InlineData("data/0", 80)]
    [InlineData("data.pkl", 100)]
    public void Read_ByteChanged_NamesTheDamagedEntry(string entry, int offset)
    {
        byte[] damaged = Golden(Script);
        damaged[damaged.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"/{entry}")) + offset] ^= 1;
        Assert.Equal(string.Format(Damaged, entry), Refusal(damaged));
    }

    [Fact]
    public void Read_NameInTheDirectoryChanged_SaysWhatIsMissing()
    {
        byte[] damaged = Golden(Script);
        damaged[damaged.AsSpan().LastIndexOf("data/7"u8)] = (byte)'D';
        Assert.Equal("damaged: there is no 'data/7'", Refusal(damaged));
    }

    [Fact]
    public void Read_CutShortOrNoneOfIts_SaysSo()
    {
        byte[] whole = Golden(StateDict);
        for (int length = 0; length < whole.Length; length += 97)
            Assert.Equal("not a file of PyTorch's, or cut short", Refusal(whole[..length]));
        Assert.Equal(
            "not a file of PyTorch's: it has no data.pkl", Refusal(Golden("lenet.weights.npz")));
        Assert.Equal(
            "a pickle, but not one that torch.save wrote", Refusal([0x80, 2, 0x8A, 10, 0, 0]));
    }

    /// <summary>As torch.save wrote before PyTorch 1.6: pickles and storages, no archive.</summary>
    [Fact]
    public void Read_FileOfBefore16_HasTheSameTensors() =>
        AssertResNet(PyTorchFile.Read(Golden(Legacy)));

    [Fact]
    public void Read_FileOfBefore16_CutOrChangedAnywhere_IsRefusedOrRead()
    {
        byte[] whole = Golden(Legacy);
        Assert.All(
            Enumerable.Range(20, whole.Length - 20), n => Assert.NotEmpty(Refusal(whole[..n])));
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] changed = [.. whole];
            changed[i] ^= 0x41;
            Assert.Null(Record.Exception(() => PyTorchFile.Read(changed))
                is { } e and not InvalidDataException ? e : null);
        }
    }

    private static void AssertResNet(IReadOnlyDictionary<string, NpyArray> arrays)
    {
        IReadOnlyDictionary<string, NpyArray> expected = Safetensors.Read(
            Golden("resnet.safetensors"));
        Assert.Equal(expected.Keys.Order(), arrays.Keys.Order());
        foreach ((string name, NpyArray array) in expected)
            AssertArray(arrays[name], array.Type, [.. array.Shape], array.ToReals());
    }

    private static void AssertArray(NpyArray array, string type, int[] shape, double[] values)
    {
        Assert.Equal(type, array.Type);
        Assert.Equal(shape, array.Shape);
        Assert.Equal(values, array.ToReals());
    }

    private static string Refusal(byte[] file) =>
        Assert.Throws<InvalidDataException>(() => PyTorchFile.Read(file)).Message;

    /// <summary>Maps that each hold the one before twice: 2^n values in n steps.</summary>
    private static byte[] Laughs(int levels)
    {
        List<byte> pickle = [.. "}q\0"u8];
        for (int i = 1; i <= levels; i++)
            pickle.AddRange(
                [.. "}(U\u0001ah"u8, (byte)(i - 1), .. "U\u0001bh"u8, (byte)(i - 1), .. "uq"u8,
                (byte)i]);
        return [.. pickle, (byte)'.'];
    }

    private static byte[] WithPickle(byte[] pickle) => Changed(
        Golden(StateDict),
        (name, data) => name.EndsWith("data.pkl", StringComparison.Ordinal) ? pickle : data);

    /// <summary>The same archive with other entries and the checksums that they need.</summary>
    private static byte[] Changed(byte[] file, Func<string, byte[], byte[]> change)
    {
        using var result = new MemoryStream();
        using (var from = new ZipArchive(new MemoryStream(file)))
        using (var to = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in from.Entries)
            {
                using Stream stream = to
                    .CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                stream.Write(change(entry.FullName, Content(entry)));
            }
        }

        return result.ToArray();
    }

    private static byte[] Entry(byte[] file, string ending)
    {
        using var archive = new ZipArchive(new MemoryStream(file));
        return Content(
            archive.Entries.Single(e => e.FullName.EndsWith(ending, StringComparison.Ordinal)));
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var content = new MemoryStream();
        using Stream stream = entry.Open();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static byte[] Golden(string file) =>
        File.ReadAllBytes(Path.Combine(GoldenNetworkTests.Folder, file));
}

using QSim.Attacks.Evaluation;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Tests.Studies.Cells;

public class CellStoreTests
{
    [Fact]
    public void Open_LastLineCutAnywhere_LosesThatLineOnlyAndGoesOn()
    {
        using var folder = new TemporaryFolder();
        using (CellStore store = CellStore.Open(folder.Path))
            foreach (char key in "abc") store.Append(Cell(key));
        string path = folder.File(CellStore.FileName);
        byte[] whole = File.ReadAllBytes(path);
        int third = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;

        for (int length = third; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            using (CellStore store = CellStore.Open(folder.Path))
            {
                Assert.Equal("ab", string.Concat(store.All.Select(c => c.Key[0])));
                store.Append(Cell('c'));
            }

            Assert.Equal(whole, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void Read_WhatWasAppended_ComesBackWhole()
    {
        using var folder = new TemporaryFolder();
        CellRecord cell = Cell('d') with
        {
            Threat = ThreatModel.Transfer,
            Epsilon = Epsilon.Parse("8/255"),
        };
        using (CellStore store = CellStore.Open(folder.Path))
            store.Append(cell);

        CellRecord read = Assert.Single(CellStore.Read(folder.Path).All);

        Assert.Equal(cell, read);
        Assert.Equal("8/255", read.Epsilon.ToString());
    }

    [Fact]
    public void Open_FlippedBitAnywhere_CostsThatLineAndNoOther()
    {
        using var folder = new TemporaryFolder();
        using (CellStore store = CellStore.Open(folder.Path))
            foreach (char key in "abc") store.Append(Cell(key));
        string path = folder.File(CellStore.FileName);
        byte[] whole = File.ReadAllBytes(path);
        int first = Array.IndexOf(whole, (byte)'\n') + 1, second = whole.Length - first;

        for (int bit = 8 * first; bit < 8 * second; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, flipped);

            CellStore read = CellStore.Read(folder.Path);

            Assert.DoesNotContain('b', read.All.Select(c => c.Key[0]));
            Assert.NotEmpty(read.Damaged);
            Assert.StartsWith($"{path}:2:1: this line is damaged: ", $"{read.Damaged[0]}");
            // Only a flipped end of the line takes the next line with it, or makes two of one.
            Assert.Equal(bit / 8 == second - 1 ? "a" : "ac", Keys(read));
        }

        var notes = new List<string>();
        using (CellStore store = CellStore.Open(folder.Path, note: notes.Add))
        {
            Assert.Equal("a", Keys(store));
            foreach (char key in "bc") store.Append(Cell(key));
        }

        Assert.Contains("its checksum does not match; measured again", Assert.Single(notes));
        Assert.Equal(whole, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData("\"outcomes\":\"101\"", "\"outcomes\":\"\"")]
    [InlineData("\"outcomes\":\"101\"", "\"outcomes\":\"1x1\"")]
    [InlineData("\"outcomes\":\"101\"", "\"outcomes\":null")]
    [InlineData("\"attack\":\"fgsm\"", "\"attack\":\"none\"")]
    [InlineData("\"threat\":\"hardware\"", "\"threat\":1")]
    [InlineData("\"epsilon\":\"0.1\"", "\"epsilon\":\"1/0\"")]
    [InlineData("\"attacked\":3", "\"attacked\":4")]
    [InlineData("\"mean\":0", "\"mean\":1e999")]
    [InlineData("\"key\":\"a", "\"key\":\"A")]
    [InlineData("\"network_sha256\":\"", "\"network_sha256\":\"0")]
    public void Read_RecordThatCannotBe_IsDamagedWhateverItsChecksum(string whole, string forged)
    {
        using var folder = new TemporaryFolder();
        using (CellStore store = CellStore.Open(folder.Path)) store.Append(Cell('a'));
        string path = folder.File(CellStore.FileName), text = File.ReadAllText(path);
        Assert.Contains(whole, text);
        File.WriteAllText(path, Forged.Lines(text, l => l.Replace(whole, forged)));

        CellStore read = CellStore.Read(folder.Path);

        Assert.Empty(read.All);
        Assert.StartsWith($"{path}:1:1: this line is damaged: ", $"{read.Damaged.Single()}");
    }

    [Fact]
    public void Append_FileIsGoneOrChanged_Fails()
    {
        using var folder = new TemporaryFolder();
        using CellStore store = CellStore.Open(folder.Path);
        store.Append(Cell('a'));
        string path = folder.File(CellStore.FileName);

        File.AppendAllText(path, "x");
        Assert.Contains(
            "was removed or changed",
            Assert.Throws<IOException>(() => store.Append(Cell('b'))).Message);
        File.Delete(path);
        Assert.Throws<IOException>(() => store.Append(Cell('b')));
        Assert.Throws<IOException>(store.Check);
    }

    [Fact]
    public void Cache_CannotBePut_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("kind/key.bin"));

        Assert.ThrowsAny<Exception>(() => new ContentCache(folder.Path).Put("kind", "key", [1]));

        Assert.Empty(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Cache_DamagedFile_CountsAsMissing()
    {
        using var folder = new TemporaryFolder();
        var cache = new ContentCache(folder.Path);
        Assert.Null(cache.Get("kind", "key"));
        cache.Put("kind", "key", [1, 2, 3]);
        Assert.Equal([1, 2, 3], cache.Get("kind", "key"));

        string file = folder.File("kind/key.bin");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[1]++;
        File.WriteAllBytes(file, bytes);

        Assert.Null(cache.Get("kind", "key"));
    }

    private static string Keys(CellStore store) => string.Concat(store.All.Select(c => c.Key[0]));

    private static CellRecord Cell(char key) =>
        CellRecord.Of(
            new(key, 64), new(1, "float", ThreatModel.Hardware, "fgsm", Epsilon.Parse("0.1")),
            _ => new('0', 64), [true, false, true]) with
        {
            Evidence = new()
            {
                Needs = Knowledge.Gradients,
                Attempts = 1,
                Attacked = 3,
                Queries = default,
                Gradients = default,
            },
        };
}

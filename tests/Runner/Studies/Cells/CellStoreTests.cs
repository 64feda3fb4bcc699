using QSim.Attacks.Evaluation;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;

namespace QSim.Runner.Tests.Studies.Cells;

public class CellStoreTests
{
    [Fact]
    public void Open_LastLineCutAnywhere_LosesThatLineOnlyAndGoesOn()
    {
        using var folder = new TemporaryFolder();
        using (CellStore store = CellStore.Open(folder.Path))
            foreach (string key in new[] { "a", "b", "c" }) store.Append(Cell(key));
        string path = folder.File(CellStore.FileName);
        byte[] whole = File.ReadAllBytes(path);
        int third = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;

        for (int length = third; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            using (CellStore store = CellStore.Open(folder.Path))
            {
                Assert.Equal(["a", "b"], store.All.Select(c => c.Key));
                store.Append(Cell("c"));
            }

            Assert.Equal(whole, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void Read_WhatWasAppended_ComesBackWhole()
    {
        using var folder = new TemporaryFolder();
        CellRecord cell = Cell("k") with
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
    public void Open_LineInTheMiddleIsDamaged_SaysWhich()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(CellStore.FileName), "{\"key\": \"a\"}\n");

        Assert.Contains(
            "cells.jsonl:1:1: this line is damaged",
            Assert.Throws<InputException>(() => CellStore.Open(folder.Path)).Message);
    }

    [Fact]
    public void Open_AnotherProcessHasIt_Fails()
    {
        using var folder = new TemporaryFolder();
        using CellStore store = CellStore.Open(folder.Path);

        Assert.ThrowsAny<IOException>(() => CellStore.Open(folder.Path));
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

    private static CellRecord Cell(string key) =>
        CellRecord.Of(
            key, new(1, "float", ThreatModel.Hardware, "fgsm", Epsilon.Parse("0.1")),
            [true, false, true]);
}

using QSim.Attacks.Gradients.TorchSharp;

namespace QSim.Attacks.Tests.TorchSharp;

/// <summary>The library that TorchSharp ships for Linux, as the package brings it.</summary>
public class SymbolVersionsTests
{
    private const string Version = "GLIBCXX_3.4.32";

    [SkippableFact]
    public void Weaken_VersionAskedFor_ChangesOneFlagAndNothingElse()
    {
        byte[] original = Library();
        byte[] changed = [.. original];
        Assert.Equal(1, SymbolVersions.Weaken(changed, Version));
        int at = Enumerable.Range(0, original.Length).Single(i => original[i] != changed[i]);
        Assert.Equal((0, 2), (original[at], changed[at]));
    }

    [SkippableTheory]
    [InlineData("GLIBCXX_3.4.3")]
    [InlineData("GLIBCXX_9")]
    public void Weaken_VersionNotAskedFor_ChangesNothing(string version)
    {
        byte[] original = Library();
        byte[] changed = [.. original];
        Assert.Equal(0, SymbolVersions.Weaken(changed, version));
        Assert.Equal(original, changed);
    }

    [Fact]
    public void Weaken_WhatIsNoElfFile_IsLeftAlone()
    {
        Assert.Equal(0, SymbolVersions.Weaken([], Version));
        Assert.Equal(0, SymbolVersions.Weaken(new byte[500], Version));
    }

    private static byte[] Library()
    {
        string? file = Directory
            .EnumerateFiles(
                AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories)
            .FirstOrDefault();
        Skip.If(file is null, "TorchSharp ships no library for Linux here");
        return File.ReadAllBytes(file);
    }
}

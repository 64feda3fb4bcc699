using System.Runtime.InteropServices;
using System.Text.Json;
using QSim.Runner.Data.Pixels;

namespace QSim.Runner.Tests.Data.Pixels;

/// <summary>
/// Against Pillow 9.4 and PyTorch 1.13: make_resized.py, beside this, made what they gave.
/// </summary>
public class PlaneResizerTests
{
    private static readonly Case[] All = JsonSerializer.Deserialize<Case[]>(
        File.ReadAllText(Path.Combine(
            Shared.Repository, "tests", "Runner", "Data", "Pixels", "resized.json")),
        new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower })!;

    [Fact]
    public void Resize_Bytes_GivesPillowsBytes()
    {
        Case[] cases = [.. All.Where(c => c.Bytes is not null)];
        Assert.Equal(36, cases.Length);
        Assert.All(cases, c => Assert.Equal(
            Convert.FromBase64String(c.Bytes!).Select(b => b / 255f),
            c.Resize(antialias: true, isBytes: true)));
    }

    [Fact]
    public void Resize_Floats_GivesPillowsFloats()
    {
        Case[] cases = [.. All.Where(c => c.Floats is not null)];
        Assert.Equal(36, cases.Length);
        Assert.All(cases, c => Assert.Equal(
            Floats(c.Floats!).Select(f => Math.Clamp(f, 0, 1)),
            c.Resize(antialias: true, isBytes: false)));
    }

    [Fact]
    public void Resize_WithoutAntialias_GivesPyTorchsFloatsWithinFourMillionths()
    {
        Case[] cases = [.. All.Where(c => c.Torch is not null)];
        Assert.Equal(12, cases.Length);
        Assert.All(cases, c => Assert.All(
            Floats(c.Torch!).Zip(c.Resize(antialias: false, isBytes: true)),
            p => Assert.Equal(p.First, p.Second, 4e-6f)));
    }

    private static float[] Floats(string text) =>
        MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(text)).ToArray();

    /// <summary>A line of the file.</summary>
    private sealed record Case(
        int Rows, int Columns, int ToRows, int ToColumns, string Pixels, string Mode,
        string? Bytes, string? Floats, string? Torch)
    {
        public float[] Resize(bool antialias, bool isBytes) =>
            new PlaneResizer(
                Enum.Parse<Interpolation>(Mode, ignoreCase: true), antialias, (Rows, Columns),
                (ToRows, ToColumns), isBytes)
                .Resize([.. Convert.FromBase64String(Pixels).Select(b => b / 255f)]);

        public override string ToString() => $"{Mode} {Rows}x{Columns} to {ToRows}x{ToColumns}";
    }
}

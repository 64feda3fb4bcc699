using System.IO.Compression;

namespace QSim.Attacks.Tests;

/// <summary>Images from the shared data folder, where the checkout has one.</summary>
internal static class SharedData
{
    private static readonly string? Root = Find();

    public static bool IsPresent => Root is not null;

    /// <summary>The 1,797 digits: pixels / 16, [image][row][column], and labels.</summary>
    public static (float[] Images, int[] Labels) Digits()
    {
        using var file = File.OpenRead(Path.Combine(Root!, "data", "digits", "digits.csv.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        List<float> images = [];
        List<int> labels = [];
        while (reader.ReadLine() is { } line)
        {
            int[] values = [.. line.Split(',').Select(v => (int)double.Parse(v))];
            images.AddRange(values[..^1].Select(v => v / 16f));
            labels.Add(values[^1]);
        }

        return ([.. images], [.. labels]);
    }

    private static string? Find()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
            foreach (
                string candidate in new[]
                {
                    Path.Combine(d.FullName, "shared"),
                    Path.Combine(d.FullName, "..", "shared"),
                }
            )
                if (Directory.Exists(Path.Combine(candidate, "golden")))
                    return candidate;
        return null;
    }
}

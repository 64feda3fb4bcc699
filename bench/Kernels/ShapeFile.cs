namespace QSim.Kernels.Bench;

/// <summary>One line of a network: what kind of layer and its words.</summary>
internal sealed record LayerLine(string Kind, string[] Words)
{
    public int Number(int index) => int.Parse(Words[index]);

    /// <summary>The number after a keyword.</summary>
    public int After(string keyword, int otherwise)
    {
        int index = Array.IndexOf(Words, keyword);
        return index < 0 ? otherwise : int.Parse(Words[index + 1]);
    }

    public bool IsDepthwise => Array.IndexOf(Words, "all") > 0;
}

/// <summary>A network's shapes, nothing about its arithmetic.</summary>
internal sealed record NetworkShape(
    string Name, int Channels, int Rows, int Columns, List<LayerLine> Layers);

/// <summary>Reads shapes.txt, whose first lines explain its form.</summary>
internal static class ShapeFile
{
    public static List<NetworkShape> Read(string path)
    {
        List<NetworkShape> networks = [];
        foreach (string line in File.ReadLines(path))
        {
            string[] words = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            if (words[0] == "network")
            {
                int[] size = [.. words[2].Split('x').Select(int.Parse)];
                networks.Add(new(words[1], size[0], size[1], size[2], []));
            }
            else
            {
                networks[^1].Layers.Add(new(words[0], words[1..]));
            }
        }

        return networks;
    }
}

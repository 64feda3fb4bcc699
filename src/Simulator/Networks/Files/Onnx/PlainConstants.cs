namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Constants that are made of real numbers of the file alone.</summary>
internal sealed class PlainConstants
{
    private readonly Dictionary<string, bool> _known = [];

    /// <summary>
    /// Whether a constant is one. Each is looked at once, whatever of them all it is made, and in
    /// no recursion.
    /// </summary>
    public static bool Has(OnnxGraph graph, string name)
    {
        Dictionary<string, bool> known = graph.Notes<PlainConstants>()._known;
        Stack<string> open = new([name]);
        while (open.TryPeek(out string? at))
        {
            if (known.ContainsKey(at))
            {
                open.Pop();
                continue;
            }

            OnnxNode? maker = graph.MakerOf(at);
            bool isOther = graph.ConstantOf(at) is not { Raw: null }
                || (maker is not null && PairPaths.IsDequantize(maker));
            string[] before = maker is null || isOther
                ? []
                : [.. maker.Inputs.Where(i => i.Length > 0)];
            if (before.FirstOrDefault(i => !known.ContainsKey(i)) is { } next) open.Push(next);
            else known[at] = !isOther && before.All(i => known[i]);
        }

        return known[name];
    }
}

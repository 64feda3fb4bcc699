using System.CommandLine;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods.Settings;
using QSim.Runner.Data;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Runner.CommandLine.Completions;

/// <summary>The words that values may be, by the name of their option or argument.</summary>
internal static class TypedWords
{
    /// <summary>Backends, and the families of those that only some machines have.</summary>
    public static readonly string[] Backends = ["auto", "reference", "simd", "cuda", "opencl"];

    /// <summary>Gradient engines, here or not.</summary>
    public static readonly string[] Engines = ["auto", "managed", "torch", "torch-cuda", "ilgpu"];

    private static readonly Dictionary<string, TypedValue> Known = new()
    {
        ["--profile"] = new([.. ShippedProfiles.Names], Files: true, Folders: false),
        ["profile"] = new([.. ShippedProfiles.Names], Files: true, Folders: false),
        ["--attacks"] = Only([.. AttackForms.All.Select(f => f.Name)]),
        ["--data"] = new([.. DatasetList.All.Select(d => d.Name)], Files: true, Folders: false),
        ["--network"] = new([.. NetworkPresets.Names], Files: true, Folders: false),
        ["--norm"] = Only([.. Enum.GetNames<Norm>().Select(n => n.ToLowerInvariant())]),
        ["--backend"] = Only(Backends),
        ["--gradients"] = Only(Engines),
    };

    /// <summary>What is known of an option's or an argument's value.</summary>
    /// <param name="symbol">The option or argument.</param>
    /// <param name="helpName">What help calls the value.</param>
    public static TypedValue Of(Symbol symbol, string? helpName)
    {
        if (Known.TryGetValue(symbol.Name, out TypedValue? known)) return known;
        string text = $"{helpName} {symbol.Description}";
        bool isFolder = text.Contains("folder", StringComparison.OrdinalIgnoreCase);
        return new(
            helpName?.Contains('|') == true ? helpName.Split('|') : [],
            !isFolder && text.Contains("file", StringComparison.OrdinalIgnoreCase),
            isFolder);
    }

    private static TypedValue Only(string[] words) => new(words, Files: false, Folders: false);
}

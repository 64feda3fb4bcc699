using QSim.Kernels.Datapath;

namespace QSim.Silicon;

/// <summary>
/// What layers are called in circuits and files: letters, digits and underscores, each name once.
/// </summary>
internal static class CircuitNames
{
    /// <summary>One name per layer of a program.</summary>
    public static IReadOnlyList<string> Of(QuantizedProgram program)
    {
        List<string> names = [];
        for (int index = 0; index < program.Layers.Length; index++)
        {
            string name = Of(program.Layers[index].Name);

            // Names that differ in signs alone would be one: the later one gets its number.
            if (names.Contains(name)) name = $"layer{index}_{name}";
            while (names.Contains(name)) name += "_";
            names.Add(name);
        }

        return names;
    }

    /// <summary>A name that SystemVerilog takes.</summary>
    public static string Of(string name)
    {
        string letters = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return letters.Length > 0 && char.IsAsciiLetter(letters[0]) ? letters : $"layer_{letters}";
    }
}

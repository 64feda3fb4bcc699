using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Conformance;

/// <summary>Whether two programs are the same, number by number.</summary>
internal static class ProgramDifference
{
    /// <summary>Null where they are, else what differs first.</summary>
    public static string? Of(QuantizedProgram first, QuantizedProgram second)
    {
        (first, second) = (Plain(first), Plain(second));
        string[] names = [.. first.Layers.Select(l => l.Name)];
        string[] others = [.. second.Layers.Select(l => l.Name)];
        if (!names.SequenceEqual(others))
            return $"it has the layers {string.Join(", ", others)}, not "
                + $"{string.Join(", ", names)}";
        Dictionary<string, NpyArray> arrays = ProgramArrays.Of(second)
            .ToDictionary(a => a.Name, a => a.Array);
        foreach ((string name, NpyArray array) in
            ProgramArrays.Of(first).OrderBy(a => a.Name == ProgramArrays.Meta))
            if (!arrays.TryGetValue(name, out NpyArray? other)
                || !array.Data.AsSpan().SequenceEqual(other.Data))
                return name == ProgramArrays.Meta ? Setting(first, second) : $"{name} differs";
        return null;
    }

    /// <summary>
    /// The program with one rounding for all tables that drop no bits: it decides nothing there.
    /// </summary>
    private static QuantizedProgram Plain(QuantizedProgram program) => program with
    {
        Layers =
        [
            .. program.Layers.Select(l => l is LookupLayer { Conversion: { Shift: 0 } made } table
                ? table with { Conversion = made with { Rounding = default } }
                : l),
        ],
    };

    private static string Setting(QuantizedProgram first, QuantizedProgram second)
    {
        foreach ((ProgramLayer a, ProgramLayer b) in first.Layers.Zip(second.Layers))
            if (!Text(first, a).AsSpan().SequenceEqual(Text(second, b)))
                return $"a setting of layer '{a.Name}' differs";
        return "a setting of the input differs";
    }

    private static byte[] Text(QuantizedProgram program, ProgramLayer layer) =>
        ProgramArrays.Of(program with { Layers = [layer] }).First().Array.Data;
}

using QSim.Kernels.Arithmetic;

namespace QSim.Silicon.Vectors;

/// <summary>
/// One bit wrong in one value that a testbench compares: a sound one fails on it, whatever the
/// seed.
/// </summary>
internal static class Mutation
{
    private static readonly string[] OfSteps =
        ["products", "products_overflowed", "products_inexact", "accumulator", "overflowed",
            "inexact"];

    private static readonly string[] OfOutputs = ["result", "overflowed", "inexact"];

    /// <summary>Turns a bit of the rows.</summary>
    /// <param name="vectors">The rows.</param>
    /// <param name="seed">Says where.</param>
    /// <returns>Both files' text, and the place in words.</returns>
    public static (string Steps, string Outputs, string Place) Of(MacVectors vectors, ulong seed)
    {
        UInt4 words = Philox.Generate(seed, new(0, 0, 0, 0));
        bool inOutputs = words.X % 4 == 0;
        RowLayout row = inOutputs ? vectors.Outputs : vectors.Steps;
        string[] fields = inOutputs ? OfOutputs : OfSteps;
        string field = fields[words.Y % (uint)fields.Length];
        int rows = inOutputs ? vectors.Elements.Count : vectors.StepCount;
        int index = (int)(words.Z % (uint)rows);

        // An accumulator that is converted as it leaves is compared in an output's last cycle.
        bool isRegister = !inOutputs && !field.StartsWith("products", StringComparison.Ordinal);
        if (isRegister)
            index = ((index / vectors.CyclesPerOutput) + 1) * vectors.CyclesPerOutput - 1;
        (_, int from, int bits) = row.Fields.Single(f => f.Name == field);
        int bit = (int)(words.W % (uint)bits);
        string text = inOutputs ? vectors.OutputText : vectors.StepText;
        string changed = Turn(text, (row.Bits + 3) / 4, index, from + bit);
        string place = $"{(inOutputs ? "outputs" : "steps")} row {index}, {field}, bit {bit}";
        return inOutputs
            ? (vectors.StepText, changed, place)
            : (changed, vectors.OutputText, place);
    }

    /// <summary>Rows with one bit turned.</summary>
    public static string Turn(string text, int digits, int row, int bit)
    {
        char[] characters = text.ToCharArray();
        int at = (row * (digits + 1)) + digits - 1 - (bit / 4);
        int digit = Convert.ToInt32(characters[at].ToString(), 16) ^ (1 << (bit % 4));
        characters[at] = "0123456789abcdef"[digit];
        return new(characters);
    }
}

using System.Globalization;
using QSim.Runner.Output;

namespace QSim.Runner.Silicon.Vectors;

/// <summary>What a folder of golden vectors says of itself.</summary>
internal static class VectorReadme
{
    /// <summary>Its README.</summary>
    public static string Of(VectorSet set, WrongBit wrong)
    {
        IEnumerable<string> rows = set.Arrays.Select(a => string.Create(
            CultureInfo.InvariantCulture,
            $"| {a.Stem} | {EnumWord.Of(a.Role)} | "
                + $"{string.Join(", ", a.Axes)} | {string.Join(" x ", a.Array.Shape)} | "
                + $"{a.Bits} {Kind(a)} |"));
        string registers = set.HasSteps
            ? "`product` and `accumulator` have every step and every update; a sum that is\n"
                + "converted once at its end has one update."
            : "`total` is what an accumulator ends with; `--updates` writes every product and\n"
                + "every update instead.";
        return $"""
            # Golden vectors: {Untrusted.Line(set.Program.Name)}

            Written by `qsim vectors` for images {string.Join(", ", set.Images)} of the data set.
            Each array is there three times, with the same values:

            - `vectors.npz`: all arrays, and the network as hardware has it (`meta`).
            - `hex/NAME.hex`: for `$readmemh`, one value a line, as wide as the table says, two's
              complement where it is signed; floating-point numbers by their IEEE 754 bits.
            - `csv/NAME.csv`: the indices, then the value.

            Order: the last index of the table runs fastest. `image` counts 0, 1, ... in hex and
            npz; in CSV it is the image's number in its data set. A register of flags has
            `overflowed` in bit 0 and `inexact` in bit 1.
            {registers}
            Products come in the order of the reduction: step i meets weight `order[i]` of the
            filter as stored, [input channel][kernel row][kernel column].

            | file | role | indices | sizes | bits |
            |---|---|---|---|---|
            {string.Join('\n', rows)}

            ## What your simulation wrote

            `qsim conform --vectors THIS_FOLDER RESULTS` compares files of the same names: hex
            (complete, or with `@` addresses), CSV (any rows, in any order) or npz, one file, or a
            folder of them, and names the first register that differs. x and z differ.

            ## The mutated set

            `mutated/` is the same but for one bit: {Untrusted.Line(wrong.Array)}
            [{wrong.Place}], bit {wrong.Bit}, {wrong.Wrong} in place of {wrong.Right}
            (seed {wrong.Seed}). A testbench that passes on it compares too little.
            """ + "\n";
    }

    private static string Kind(VectorArray array) =>
        array.IsReal ? "real" : array.IsSigned ? "signed" : "unsigned";
}

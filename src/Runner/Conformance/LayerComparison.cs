using System.Globalization;

namespace QSim.Runner.Conformance;

/// <summary>What somebody says that a register held.</summary>
/// <param name="Values">As <see cref="Register.Values"/>.</param>
/// <param name="Marks">
/// Per value whether it is <see cref="Given"/>; null where all are.
/// </param>
internal sealed record FoundRegister(long[] Values, byte[]? Marks = null)
{
    /// <summary>A value that nothing is said of: it is not compared.</summary>
    public const byte Absent = 0;

    /// <summary>A value.</summary>
    public const byte Given = 1;

    /// <summary>x or z: a simulator does not know it.</summary>
    public const byte Unknown = 2;

    /// <summary>What is said of one value.</summary>
    public byte Mark(int index) => Marks?[index] ?? Given;
}

/// <summary>
/// Compares the registers of one layer. Of what differs, the first in time comes first: image by
/// image, output by output, and for one output in the order in which values pass.
/// </summary>
/// <param name="show">How many differences to keep in full.</param>
internal sealed class LayerComparison(int show)
{
    private readonly List<(int Element, int Order, int Step, string Text)> _first = [];
    private long _rows;
    private long _mismatches;
    private int _registers;

    /// <summary>Compares one register.</summary>
    /// <param name="name">Where it is from, and what it is called.</param>
    /// <param name="register">What the reference says.</param>
    /// <param name="found">What somebody says.</param>
    /// <param name="image">What an image is called, by its number in the file.</param>
    /// <param name="says">As in <c>the file says</c>.</param>
    public void Add(
        string name, Register register, FoundRegister found, Func<int, string> image, string says)
    {
        long[] expected = register.Values;
        int steps = register.Steps;
        int kept = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            byte mark = found.Mark(i);
            if (mark == FoundRegister.Absent) continue;
            _rows++;
            if (mark == FoundRegister.Given && found.Values[i] == expected[i]) continue;
            _mismatches++;
            if (kept++ >= show) continue;
            string step = register.Step is null ? "" : $", {register.Step} {i % steps}";
            string value = mark == FoundRegister.Unknown
                ? "x"
                : found.Values[i].ToString(CultureInfo.InvariantCulture);
            _first.Add((
                i / steps, _registers, i % steps,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} [{image(i / steps / register.Shape.Length)}, "
                        + $"{ReplayTally.Place(i / steps, register.Shape)}{step}]: "
                        + $"{expected[i]}, {says} {value}")));
        }

        _registers++;
    }

    /// <summary>Passes on what was found.</summary>
    public void Tell(ReplayTally tally) => tally.Add(
        _rows, _mismatches,
        _first.OrderBy(f => (f.Element, f.Order, f.Step)).Select(f => f.Text));
}

using System.Numerics;
using System.Text;

namespace QSim.Silicon.Rtl;

/// <summary>Writes one SystemVerilog module, its ports first.</summary>
/// <param name="name">The module's name.</param>
/// <param name="comment">What it does, in lines.</param>
internal sealed class ModuleText(string name, params string[] comment)
{
    private readonly List<string> _ports = [];
    private readonly StringBuilder _body = new();
    private bool _isPartlyUsed;

    /// <summary>The module's name.</summary>
    public string Name => name;

    public void Input(Wire wire) => _ports.Add($"input  {wire.Type} {wire.Name}");

    public void Output(Wire wire) => _ports.Add($"output {wire.Type} {wire.Name}");

    /// <summary>One line of the body.</summary>
    public void Line(string line = "") => _body.AppendLine(line == "" ? "" : "  " + line);

    /// <summary>A wire with what drives it.</summary>
    public void Let(Wire wire, string expression) =>
        Line($"{wire.Type.Replace("logic", "wire")} {wire.Name} = {expression};");

    /// <summary>A number with a name.</summary>
    /// <param name="constant">Its name, and width.</param>
    /// <param name="value">The number.</param>
    /// <param name="meaning">What it is, for a comment; empty where the name says it.</param>
    public void Constant(Wire constant, BigInteger value, string meaning = "") =>
        Line($"localparam signed [{constant.Bits - 1}:0] {constant.Name} = "
            + $"{Wire.SignedLiteral(value, constant.Bits)};"
            + (meaning.Length == 0 ? "" : $"  // {meaning}"));

    /// <summary>One bit.</summary>
    public void LetBit(string bit, string expression) =>
        Let(new Wire(bit, 1, false), expression);

    /// <summary>Lines about wires of which single bits are looked at: no warning for it.</summary>
    public void PartlyUsed(Action lines)
    {
        // Verilator's switch is one, not a stack.
        if (_isPartlyUsed)
        {
            lines();
            return;
        }

        _isPartlyUsed = true;
        Line("// verilator lint_off UNUSEDSIGNAL");
        lines();
        Line("// verilator lint_on UNUSEDSIGNAL");
        _isPartlyUsed = false;
    }

    /// <summary>What an output port is driven by.</summary>
    public void Drive(string port, string expression) => Line($"assign {port} = {expression};");

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (string line in comment) text.AppendLine($"// {line}");
        text.AppendLine($"module {name} (");
        for (int i = 0; i < _ports.Count; i++)
            text.AppendLine($"  {_ports[i]}{(i + 1 < _ports.Count ? "," : "")}");
        return text.AppendLine(");").Append(_body).AppendLine("endmodule").ToString();
    }
}

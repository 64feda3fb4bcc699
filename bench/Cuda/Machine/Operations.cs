using QSim.CudaDriver.Ptx;

namespace QSim.CudaDriver.Machine;

/// <summary>What an instruction computes, and what its operands are: the result first.</summary>
internal sealed record Operation(Step Step, PtxType[] Operands);

/// <summary>Instructions that compute registers from registers.</summary>
internal static class Operations
{
    private static readonly Dictionary<string, Operation> Known = Make();

    /// <summary>Fills an instruction in.</summary>
    /// <exception cref="PtxException">It is not known, or its operands do not fit.</exception>
    public static void Assemble(Instruction i, Statement s, Registers registers)
    {
        Operation operation = Known.GetValueOrDefault(s.Name) ?? Conversions.Find(s.Name)
            ?? throw new PtxException(s.Line, $"'{s.Name}' is not known here");
        PtxType[] types = operation.Operands;
        if (s.Operands.Length != types.Length)
            throw new PtxException(s.Line, $"{s.Name} takes {types.Length} operands");
        (i.Step, i.Sources) = (operation.Step, types.Length - 1);
        i.D = registers.Target(s.Operands[0], types[0], s.Line, Widens(s.Name));
        i.Bytes = registers.Bytes(s.Operands[0]);
        i.A = registers.Source(s.Operands[1], types[1], s.Line, Widens(s.Name));
        if (types.Length > 2) i.B = registers.Source(s.Operands[2], types[2], s.Line);
        if (types.Length > 3) i.C = registers.Source(s.Operands[3], types[3], s.Line);
    }

    /// <summary>Conversions take registers that are wider than what they convert.</summary>
    private static bool Widens(string name) => name.StartsWith("cvt.", StringComparison.Ordinal);

    private static Dictionary<string, Operation> Make()
    {
        var table = new OperationTable();
        IntegerOperations.Add(table);
        FloatOperations.Add(table);
        Comparisons.Add(table);
        BitOperations.Add(table);
        return table.Rows;
    }
}

/// <summary>Rows by the names of their instructions.</summary>
internal sealed class OperationTable
{
    /// <summary>What was added.</summary>
    public Dictionary<string, Operation> Rows { get; } = [];

    /// <summary>
    /// Adds a row; operands are types as instructions name them, the result first.
    /// </summary>
    public void Add(string name, string operands, Step step) => Rows.Add(
        name, new(step, [.. operands.Split(' ').Select(t => PtxType.Of(t, 0))]));
}

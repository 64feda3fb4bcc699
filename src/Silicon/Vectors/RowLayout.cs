namespace QSim.Silicon.Vectors;

/// <summary>Where fields lie in a row: what a testbench reads and a writer fills.</summary>
internal sealed class RowLayout
{
    private readonly List<(string Name, int From, int Bits)> _fields = [];

    /// <summary>The row's width.</summary>
    public int Bits { get; private set; }

    /// <summary>The fields, from the lowest bit on.</summary>
    public IReadOnlyList<(string Name, int From, int Bits)> Fields => _fields;

    public void Add(string name, int bits)
    {
        _fields.Add((name, Bits, bits));
        Bits += bits;
    }

    /// <summary>A field of a row, as SystemVerilog.</summary>
    public string Of(string row, string name)
    {
        (_, int from, int bits) = _fields.Single(f => f.Name == name);
        return Bits == 1 ? row
            : bits == 1 ? $"{row}[{from}]"
            : $"{row}[{from + bits - 1}:{from}]";
    }

    /// <summary>Whether there is such a field.</summary>
    public bool Has(string name) => _fields.Any(f => f.Name == name);
}

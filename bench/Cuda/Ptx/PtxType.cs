namespace QSim.CudaDriver.Ptx;

/// <summary>A type as an instruction names it.</summary>
/// <param name="Kind">b, u, s, f or p for a predicate.</param>
/// <param name="Bytes">1, 2, 4 or 8; of a predicate 0.</param>
internal readonly record struct PtxType(char Kind, int Bytes)
{
    /// <summary>Predicates, which have no bytes.</summary>
    public static PtxType Predicate => new('p', 0);

    /// <summary>By its name without the dot.</summary>
    public static PtxType Of(string name, int line) =>
        Find(name) ?? throw new PtxException(line, $"'{name}' is no type known here");

    /// <summary>By its name without the dot, or null.</summary>
    public static PtxType? Find(string name)
    {
        if (name == "pred") return Predicate;
        if (name.Length is < 2 or > 3 || name[0] is not ('b' or 'u' or 's' or 'f')) return null;
        return int.TryParse(name.AsSpan(1), out int bits) && bits is 8 or 16 or 32 or 64
            ? new(name[0], bits / 8)
            : null;
    }
}

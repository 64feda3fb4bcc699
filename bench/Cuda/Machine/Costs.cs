namespace QSim.CudaDriver.Machine;

/// <summary>What part of a multiprocessor an instruction keeps busy.</summary>
internal enum CostClass
{
    /// <summary>Sums, products and comparisons of float32.</summary>
    Float,

    /// <summary>Integers, predicates, choices, conversions.</summary>
    Integer,

    /// <summary>Float64.</summary>
    Double,

    /// <summary>Loads of the device's memory.</summary>
    GlobalLoad,

    /// <summary>Stores to it.</summary>
    GlobalStore,

    /// <summary>Shared and local memory, exchanges between lanes.</summary>
    Shared,

    /// <summary>Branches, barriers, ends.</summary>
    Control,
}

/// <summary>
/// How many instructions a card's assembler would need for each of a kernel's: none for what can
/// be computed while compiling, for moves, for parameters, for constants that are added to an
/// address, and for products that <see cref="Contraction"/> took into their sums; two for sums of
/// 64 bits; a few for divisions. An estimate: what the assembler does beyond is not known here.
/// </summary>
internal sealed class Costs
{
    private readonly IReadOnlyList<Instruction> _code;
    private readonly (CostClass Class, int Count)[] _each;
    private readonly HashSet<int> _leaders;
    private readonly int _registers;

    /// <summary>Registers that hold constants where the walk over the code stands.</summary>
    private readonly HashSet<int> _constants = [];

    /// <summary>Of a kernel's instructions.</summary>
    /// <param name="code">The kernel's, registers numbered.</param>
    /// <param name="registers">How many; behind them come constants.</param>
    public Costs(IReadOnlyList<Instruction> code, int registers)
    {
        (_code, _registers) = (code, registers);
        _leaders =
            [.. code.Where(i => i.Flow is Flow.Branch or Flow.Table).SelectMany(i => i.Many)];
        _each = new (CostClass Class, int Count)[code.Count];
        for (int at = 0; at < code.Count; at++)
        {
            if (_leaders.Contains(at)) _constants.Clear();
            _each[at] = (ClassOf(code[at]), Count(at));
        }
    }

    /// <summary>How many classes there are.</summary>
    public static int ClassCount => (int)CostClass.Control + 1;

    /// <summary>By class, what was executed, of how often each instruction was.</summary>
    public long[] Sum(long[] executed)
    {
        long[] sums = new long[ClassCount];
        foreach ((int at, (CostClass kind, int count)) in _each.Index())
            sums[(int)kind] += executed[at] * count;
        return sums;
    }

    private int Count(int at)
    {
        Instruction i = _code[at];
        string[] parts = i.Name.Split('.');
        bool isConstant = i.Sources > 0 && i.Guard < 0 && Read(i).All(IsConstant);
        foreach (int r in Written(i)) _constants.Remove(r);
        if (isConstant) _constants.Add(i.D);
        if (parts[0] is "ld" or "st") return i.Space == Space.Parameter ? 0 : 1;
        if (i.Flow != Flow.Next) return 1;
        bool isMove = parts[0] is "mov" or "cvta" || i.Name is "cvt.s64.s32" or "cvt.u64.u32";
        if (isMove || isConstant) return 0;
        if (parts[0] == "mul" && parts.Length == 2 && parts[1] is "f32" or "f64")
            return Readers(at).Any() ? 1 : 0;
        bool isWide = parts[^1] is "s64" or "u64" or "b64";
        return parts[0] switch
        {
            "add" when isWide => IsOffset(at) ? 0 : 2,
            "sub" or "mad" or "and" or "or" when isWide => 2,
            "mul" when isWide => 3,
            "div" or "rem" when parts[^1] is "f32" or "f64" => 10,
            "div" or "rem" => IsConstant(i.B) ? 4 : 20,
            _ => 1,
        };
    }

    private bool IsConstant(int register) =>
        register >= _registers || _constants.Contains(register);

    /// <summary>Whether an address a constant away is all that a sum is for.</summary>
    private bool IsOffset(int at) =>
        (IsConstant(_code[at].A) || IsConstant(_code[at].B))
        && Readers(at).All(r => IsMemory(r) && r.A == _code[at].D && !r.Many.Contains(r.A));

    /// <summary>Who reads a result before it is lost, no branch between.</summary>
    private IEnumerable<Instruction> Readers(int at)
    {
        int register = _code[at].D;
        for (int next = at + 1; next < _code.Count && !_leaders.Contains(next); next++)
        {
            if (Read(_code[next]).Contains(register)) yield return _code[next];
            if (Written(_code[next]).Contains(register)) yield break;
        }
    }

    private static CostClass ClassOf(Instruction i)
    {
        string[] parts = i.Name.Split('.');
        if (i.Flow is Flow.Warp) return CostClass.Shared;
        if (i.Flow != Flow.Next) return CostClass.Control;
        if (parts[0] is "ld" or "st" or "cp")
            return i.Space != Space.Global ? CostClass.Shared
                : parts[0] == "st" ? CostClass.GlobalStore : CostClass.GlobalLoad;
        return parts[^1] == "f64" ? CostClass.Double
            : parts[^1] == "f32" && parts[0] is not ("setp" or "selp" or "mov" or "cvt")
                ? CostClass.Float
            : CostClass.Integer;
    }

    private static bool IsMemory(Instruction i) => IsLoad(i) || IsStore(i);

    private static bool IsLoad(Instruction i) =>
        i.Name.StartsWith("ld.", StringComparison.Ordinal);

    private static bool IsStore(Instruction i) =>
        i.Name.StartsWith("st.", StringComparison.Ordinal);

    private static IEnumerable<int> Written(Instruction i) =>
        IsStore(i) || i.Flow is not (Flow.Next or Flow.Warp) ? []
        : i.Many.Length > 0 ? i.Many : [i.D];

    private static IEnumerable<int> Read(Instruction i)
    {
        if (i.Guard >= 0) yield return i.Guard;
        if (IsMemory(i) || i.Sources > 0 || i.Flow == Flow.Table) yield return i.A;
        if (i.Sources > 1) yield return i.B;
        if (i.Sources > 2) yield return i.C;
        if (!IsLoad(i) && i.Flow is Flow.Next or Flow.Warp)
            foreach (int r in i.Many) yield return r;
    }
}

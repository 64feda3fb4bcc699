using System.Globalization;
using QSim.CudaDriver.Ptx;

namespace QSim.CudaDriver.Machine;

/// <summary>
/// Numbers for the names of a kernel's registers, held to the types that they were declared with;
/// constants and special registers are registers too.
/// </summary>
internal sealed class Registers
{
    /// <summary>
    /// Constants are numbered from here until it is known how many registers there are.
    /// </summary>
    private const int FirstConstant = 1 << 24;

    private static readonly HashSet<string> Known =
        [
            "%tid.x", "%tid.y", "%tid.z", "%ntid.x", "%ntid.y", "%ntid.z", "%ctaid.x", "%ctaid.y",
            "%ctaid.z", "%nctaid.x", "%nctaid.y", "%nctaid.z", "%laneid",
        ];

    private readonly Dictionary<string, (int Number, PtxType Type)> _numbers = [];
    private readonly Dictionary<ulong, int> _constants = [];
    private readonly List<(string Name, int Register)> _specials = [];

    /// <summary>Without constants.</summary>
    public int Count { get; private set; }

    /// <summary>In the order of their numbers.</summary>
    public ulong[] Constants => [.. _constants.OrderBy(c => c.Value).Select(c => c.Key)];

    /// <summary>Those that were named.</summary>
    public (string Name, int Register)[] Specials => [.. _specials];

    /// <summary>Declares <c>name</c> or <c>name&lt;count&gt;</c>.</summary>
    public void Declare(string name, PtxType type, int line)
    {
        string[] parts = name.Split('<');
        if (parts.Length == 1)
        {
            Add(name, type, line);
            return;
        }

        int count = int.Parse(parts[1].TrimEnd('>'), CultureInfo.InvariantCulture);
        for (int i = 0; i < count; i++) Add($"{parts[0]}{i}", type, line);
    }

    /// <summary>Whether a name is one of a register.</summary>
    public bool Has(string name) => _numbers.ContainsKey(name) || Known.Contains(name);

    /// <summary>
    /// Whether a register has 32 bits: shared memory is addressed with those as well.
    /// </summary>
    public bool IsNarrow(string name) =>
        _numbers.TryGetValue(name, out (int, PtxType Type) register) && register.Type.Bytes == 4;

    /// <summary>A declared register's size.</summary>
    public int Bytes(string name) => _numbers[name].Type.Bytes;

    /// <summary>A register that is written.</summary>
    public int Target(string name, PtxType type, int line, bool mayBeWider = false) =>
        Known.Contains(name)
            ? throw new PtxException(line, $"'{name}' cannot be written")
            : _numbers.ContainsKey(name)
                ? Source(name, type, line, mayBeWider)
                : throw new PtxException(line, $"'{name}' is no register");

    /// <summary>A register or constant that is read.</summary>
    public int Source(string name, PtxType type, int line, bool mayBeWider = false)
    {
        if (Known.Contains(name) && !_numbers.ContainsKey(name))
        {
            Add(name, new('u', 4), line);
            _specials.Add((name, _numbers[name].Number));
        }

        if (_numbers.TryGetValue(name, out (int Number, PtxType Type) register))
            return Fits(register.Type, type, mayBeWider)
                ? register.Number
                : throw new PtxException(
                    line, $"'{name}' is .{register.Type.Kind}{register.Type.Bytes * 8}, where "
                        + $".{type.Kind}{type.Bytes * 8} is wanted");
        return Constant(Number(name, type, line));
    }

    /// <summary>A register that holds a value from the beginning.</summary>
    public int Constant(ulong value)
    {
        if (!_constants.TryGetValue(value, out int number))
            _constants[value] = number = FirstConstant + _constants.Count;
        return number;
    }

    /// <summary>A register's final number: constants follow the others.</summary>
    public int Final(int number) =>
        number >= FirstConstant ? number - FirstConstant + Count : number;

    /// <summary>
    /// Untyped registers take every type of their size; others take their own kind.
    /// </summary>
    private static bool Fits(PtxType declared, PtxType wanted, bool mayBeWider)
    {
        if ((declared.Kind == 'p') != (wanted.Kind == 'p')) return false;
        bool size = declared.Bytes == wanted.Bytes || (mayBeWider && declared.Bytes > wanted.Bytes);
        bool clash = declared.Kind == 'f' && wanted.Kind is 's' or 'u';
        return size && !clash && !(declared.Kind is 's' or 'u' && wanted.Kind == 'f');
    }

    private static ulong Number(string text, PtxType type, int line)
    {
        bool isFloat = text.Length > 2 && text[0] == '0' && text[1] is 'f' or 'F' or 'd' or 'D';
        if (isFloat && type.Kind is 'f' or 'b')
            return ulong.Parse(
                text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        ulong value;
        if (isHex && ulong.TryParse(
            text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            || ulong.TryParse(text, CultureInfo.InvariantCulture, out value)
            || (long.TryParse(text, CultureInfo.InvariantCulture, out long negative)
                && (value = (ulong)negative) != 0))
            return type.Bytes switch
            {
                0 => value == 0 ? 0 : 1u,
                8 => value,
                _ => value & ((1UL << (type.Bytes * 8)) - 1),
            };
        throw new PtxException(line, $"'{text}' is neither a register nor a number");
    }

    private void Add(string name, PtxType type, int line)
    {
        if (!_numbers.TryAdd(name, (Count, type)))
            throw new PtxException(line, $"'{name}' is declared twice");
        Count++;
    }
}

using System.Globalization;
using QSim.CudaDriver.Ptx;

namespace QSim.CudaDriver.Machine;

/// <summary>Loads, stores, copies and addresses.</summary>
internal sealed class MemoryAssembler(
    Registers registers, IReadOnlyDictionary<string, Place> places)
{
    private static readonly PtxType Address = new('u', 8);

    /// <summary>Fills an instruction in.</summary>
    public void Assemble(Instruction i, Statement s)
    {
        string[] parts = s.Name.Split('.');
        switch (parts[0])
        {
            case "mov":
                Place place = places[s.Operands[1]];
                i.D = registers.Target(s.Operands[0], PtxType.Of(parts[1], s.Line), s.Line);
                i.A = registers.Constant((ulong)place.Offset);
                i.Step = static (lane, i) => lane.Set(i.D, lane.Get<ulong>(i.A));
                break;
            case "cvta":
                Convert(i, s);
                break;
            case "cp":
                Copy(i, s);
                break;
            default:
                Move(i, s, parts);
                break;
        }
    }

    /// <summary>Every address is the device's memory, so that this changes nothing.</summary>
    private void Convert(Instruction i, Statement s)
    {
        if (s.Name != "cvta.to.global.u64")
            throw new PtxException(s.Line, $"'{s.Name}' is not known here");
        i.D = registers.Target(s.Operands[0], Address, s.Line);
        i.A = registers.Source(s.Operands[1], Address, s.Line);
        i.Step = static (lane, i) => lane.Set(i.D, lane.Get<ulong>(i.A));
    }

    private void Copy(Instruction i, Statement s)
    {
        switch (s.Name)
        {
            case "cp.async.cg.shared.global" when s.Operands is [_, _, "16"]:
                (i.D, i.Offset) = AddressOf(s.Operands[0], Space.Shared, s.Line);
                (i.A, long offset) = AddressOf(s.Operands[1], Space.Global, s.Line);
                if (offset != 0 || i.Offset != 0)
                    throw new PtxException(s.Line, "copies with offsets are not known here");
                i.Step = static (lane, i) =>
                    lane.Copies.Begin(i, lane.Get<uint>(i.D), lane.Get<long>(i.A));
                break;
            case "cp.async.commit_group":
                i.Step = static (lane, _) => lane.Copies.Commit();
                break;
            case "cp.async.wait_group":
                i.Offset = int.Parse(s.Operands[0], CultureInfo.InvariantCulture);
                i.Step = static (lane, i) => lane.Copies.Wait((int)i.Offset);
                break;
            default:
                throw new PtxException(s.Line, $"'{s.Name}' is not known here");
        }
    }

    private void Move(Instruction i, Statement s, string[] parts)
    {
        bool isLoad = parts[0] == "ld";
        i.Space = SpaceOf(parts[1], s.Line);
        PtxType type = PtxType.Of(parts[^1], s.Line);
        i.Bytes = type.Bytes;
        string list = s.Operands[isLoad ? 0 : 1].Trim('{', '}');
        string[] names = list.Split(',', StringSplitOptions.TrimEntries);
        string vector = names.Length == 1 ? "" : $".v{names.Length}";
        string known = $"{parts[0]}.{parts[1]}{vector}.{parts[^1]}";
        if (s.Name != known || type.Bytes == 0)
            throw new PtxException(s.Line, $"'{s.Name}' is not known here");
        (i.A, i.Offset) = AddressOf(s.Operands[isLoad ? 1 : 0], i.Space, s.Line);
        i.Many = [.. names.Select(n => isLoad
            ? registers.Target(n, type, s.Line, mayBeWider: true)
            : registers.Source(n, type, s.Line, mayBeWider: true))];
        i.D = i.Many[0];
        bool isSigned = type.Kind == 's' && type.Bytes < 8;
        int unused = isLoad ? 64 - (registers.Bytes(names[0]) * 8) : 0;
        i.Step = (isLoad, i.Many.Length) switch
        {
            (true, 1) when isSigned => (lane, i) => lane.Set(
                i.D, (ulong)SignExtended(lane.Load(i, 0), i.Bytes) << unused >> unused),
            (true, 1) => static (lane, i) => lane.Set(i.D, lane.Load(i, 0)),
            (true, _) when isSigned =>
                throw new PtxException(s.Line, "signed vectors are not known here"),
            (true, _) => static (lane, i) => LoadMany(lane, i),
            (false, 1) => static (lane, i) => lane.Store(i, 0, lane.Get<ulong>(i.D)),
            _ => static (lane, i) => StoreMany(lane, i),
        };
    }

    /// <summary>
    /// The registers of one load change together, so its address may be one of them.
    /// </summary>
    private static void LoadMany(Lane lane, Instruction i)
    {
        Span<ulong> values = stackalloc ulong[i.Many.Length];
        for (int at = 0; at < values.Length; at++) values[at] = lane.Load(i, at);
        for (int at = 0; at < values.Length; at++) lane.Set(i.Many[at], values[at]);
    }

    private static void StoreMany(Lane lane, Instruction i)
    {
        for (int at = 0; at < i.Many.Length; at++)
            lane.Store(i, at, lane.Get<ulong>(i.Many[at]));
    }

    private static long SignExtended(ulong value, int bytes) => bytes switch
    {
        1 => (sbyte)value,
        2 => (short)value,
        _ => (int)value,
    };

    /// <summary><c>[name]</c>, <c>[name+4]</c>, the name a register's or a variable's.</summary>
    private (int Register, long Offset) AddressOf(string operand, Space space, int line)
    {
        if (operand is not ['[', .., ']'])
            throw new PtxException(line, $"an address expected, found '{operand}'");
        string[] parts = operand[1..^1].Split('+', StringSplitOptions.TrimEntries);
        long offset = parts.Length == 1 ? 0 : long.Parse(parts[1], CultureInfo.InvariantCulture);
        if (places.TryGetValue(parts[0], out Place place))
            return place.Space == space
                ? (registers.Constant(0), place.Offset + offset)
                : throw new PtxException(line, $"'{parts[0]}' is not in {space}");
        bool isNarrow = space == Space.Shared && registers.IsNarrow(parts[0]);
        return (registers.Source(parts[0], isNarrow ? new('u', 4) : Address, line), offset);
    }

    private static Space SpaceOf(string name, int line) => name switch
    {
        "global" => Space.Global,
        "shared" => Space.Shared,
        "local" => Space.Local,
        "param" => Space.Parameter,
        _ => throw new PtxException(line, $"'{name}' is no space known here"),
    };
}

using QSim.CudaDriver.Ptx;

namespace QSim.CudaDriver.Machine;

/// <summary>Makes a kernel's text into instructions.</summary>
internal sealed class Assembler
{
    private readonly KernelText _text;
    private readonly Registers _registers = new();
    private readonly Dictionary<string, Place> _places = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly Dictionary<string, string[]> _tables = [];
    private readonly List<Instruction> _code = [];
    private readonly List<(Instruction Branch, string[] Labels)> _branches = [];
    private int _parameterBytes, _localBytes, _sharedBytes;

    private Assembler(KernelText text) => _text = text;

    /// <summary>A kernel of a module.</summary>
    /// <exception cref="PtxException">An assembler would refuse it, or it is not known
    /// here.</exception>
    public static Kernel Assemble(KernelText text, Declaration dynamic) =>
        new Assembler(text).Run(dynamic);

    private Kernel Run(Declaration dynamic)
    {
        Place[] parameters = [.. _text.Parameters
            .Select(p => Place.Next(p, Space.Parameter, ref _parameterBytes))];
        foreach (Place place in parameters) _places.Add(place.Declaration.Name, place);
        string label = "";
        foreach (BodyItem item in _text.Body)
            if (item.Statement == null)
                _labels.Add(label = item.Label, _code.Count);
            else
                Add(item.Statement, label, dynamic);
        foreach ((Instruction branch, string[] labels) in _branches)
        {
            branch.Many = [.. labels.Select(l => Find(l, branch.Line))];
            branch.Target = branch.Many[0];
        }

        foreach (Instruction i in _code) Number(i);
        Contraction.Apply(_code, [.. _labels.Values]);
        return new(
            _text.Name, [.. _code], _registers.Count, _registers.Constants, _registers.Specials,
            parameters, _parameterBytes, _localBytes, _sharedBytes, _text.MostThreads);
    }

    private void Add(Statement statement, string label, Declaration dynamic)
    {
        if (statement.Name[0] == '.')
            Directive(statement, label);
        else
        {
            if (dynamic.Name != null && statement.Operands.Contains(dynamic.Name))
                _places.TryAdd(
                    dynamic.Name, Place.Next(dynamic, Space.Shared, ref _sharedBytes));
            _code.Add(Instruct(statement));
        }
    }

    private void Directive(Statement statement, string label)
    {
        string text = string.Join(',', statement.Operands);
        switch (statement.Name)
        {
            case ".reg":
                string[] words = text.Split([' ', '\t'], 2, StringSplitOptions.TrimEntries);
                PtxType type = PtxType.Of(words[0].TrimStart('.'), statement.Line);
                foreach (string name in words[1].Split(',', StringSplitOptions.TrimEntries))
                    _registers.Declare(name, type, statement.Line);
                break;
            case ".local" or ".shared":
                Declaration declaration = Reader.Declare(text, statement.Line);
                Place place = statement.Name == ".local"
                    ? Place.Next(declaration, Space.Local, ref _localBytes)
                    : Place.Next(declaration, Space.Shared, ref _sharedBytes);
                _places.Add(declaration.Name, place);
                break;
            case ".branchtargets":
                _tables.Add(label, statement.Operands);
                break;
            default:
                throw new PtxException(statement.Line, $"'{statement.Name}' is not known here");
        }
    }

    private Instruction Instruct(Statement s)
    {
        var instruction = new Instruction { Line = s.Line, Name = s.Name };
        if (s.Guard.Length > 0)
        {
            instruction.IsNegated = s.Guard[0] == '!';
            instruction.Guard =
                _registers.Source(s.Guard.TrimStart('!'), PtxType.Predicate, s.Line);
        }

        string[] parts = s.Name.Split('.');
        int oldest = Oldest(parts[0]);
        if (_text.Target < oldest)
            throw new PtxException(
                s.Line, $"'{parts[0]}' needs sm_{oldest}, the target is sm_{_text.Target}");
        switch (parts[0])
        {
            case "bra":
                instruction.Flow = Flow.Branch;
                _branches.Add((instruction, s.Operands));
                break;
            case "brx":
                instruction.Flow = Flow.Table;
                instruction.A = _registers.Source(s.Operands[0], new('u', 4), s.Line);
                if (!_tables.TryGetValue(s.Operands[1], out string[]? table))
                    throw new PtxException(s.Line, $"'{s.Operands[1]}' lists no targets");
                _branches.Add((instruction, table));
                break;
            case "ret" or "exit":
                instruction.Flow = Flow.Return;
                break;
            case "bar" when s.Name == "bar.sync" && s.Operands is ["0"]:
                instruction.Flow = Flow.Barrier;
                break;
            case "ld" or "st" or "cvta" or "cp":
            case "mov" when s.Operands.Length > 1 && _places.ContainsKey(s.Operands[1]):
                new MemoryAssembler(_registers, _places).Assemble(instruction, s);
                break;
            case "mma" or "ldmatrix":
                WarpOperations.Assemble(instruction, s, _registers);
                break;
            default:
                Operations.Assemble(instruction, s, _registers);
                break;
        }

        return instruction;
    }

    private static int Oldest(string instruction) => instruction switch
    {
        "mma" or "cp" => 80,
        "ldmatrix" => 75,
        "dp4a" => 61,
        _ => 0,
    };

    private int Find(string label, int line) =>
        _labels.TryGetValue(label, out int at)
            ? at
            : throw new PtxException(line, $"there is no label '{label}'");

    private void Number(Instruction i)
    {
        (i.D, i.A) = (_registers.Final(i.D), _registers.Final(i.A));
        (i.B, i.C) = (_registers.Final(i.B), _registers.Final(i.C));
        if (i.Flow is Flow.Next or Flow.Warp) i.Many = [.. i.Many.Select(_registers.Final)];
    }
}

namespace QSim.CudaDriver.Ptx;

/// <summary>
/// Reads what ILGPU and the matrix kernels write: entries without calls. Anything else is refused
/// by its line.
/// </summary>
internal sealed class Reader
{
    private readonly Scanner _scanner;

    private Reader(string text) => _scanner = new(text);

    /// <summary>
    /// Dynamic shared memory that kernels of the text share; empty where none is.
    /// </summary>
    private Declaration _dynamic;

    private int _target;

    /// <summary>The entries of a module and its dynamic shared array.</summary>
    public static (KernelText[] Kernels, Declaration Dynamic) Read(string text)
    {
        var reader = new Reader(text);
        KernelText[] kernels = [.. reader.Entries()];
        return (kernels, reader._dynamic);
    }

    private IEnumerable<KernelText> Entries()
    {
        while (!_scanner.AtEnd)
        {
            string word = _scanner.Word();
            switch (word)
            {
                case ".version" or ".address_size":
                    _scanner.RestOfLine();
                    break;
                case ".target":
                    _target = Target(_scanner.Word());
                    break;
                case ".visible" or ".weak":
                    break;
                case ".extern":
                    _scanner.Word();
                    _dynamic = Declare(_scanner.Until(';'), _scanner.Line);
                    _scanner.Take(';');
                    break;
                case ".entry":
                    yield return Entry();
                    break;
                default:
                    throw new PtxException(_scanner.Line, $"'{word}' is not known here");
            }
        }
    }

    private KernelText Entry()
    {
        string name = _scanner.Word();
        _scanner.Take('(');
        int line = _scanner.Line;
        Declaration[] parameters = [.. Split(_scanner.Until(')'))
            .Select(p => Declare(p.Replace(".param", "", StringComparison.Ordinal), line))];
        _scanner.Take(')');
        int most = 0;
        if (_scanner.Next == '.')
        {
            string directive = _scanner.Word();
            if (directive != ".maxntid")
                throw new PtxException(_scanner.Line, $"'{directive}' is not known here");
            most = Split(_scanner.Until('{')).Select(int.Parse).Aggregate(1, (a, b) => a * b);
        }

        _scanner.Take('{');
        return new(name, _target, parameters, most, [.. Body()]);
    }

    private int Target(string name) =>
        name.StartsWith("sm_", StringComparison.Ordinal) && int.TryParse(name[3..], out int number)
            ? number
            : throw new PtxException(_scanner.Line, $"'{name}' is no target known here");

    /// <summary>Blocks inside a body are flattened: registers are declared once for all.</summary>
    private IEnumerable<BodyItem> Body()
    {
        for (int depth = 1; depth > 0;)
        {
            if (_scanner.Next is '{' or '}')
            {
                depth += _scanner.Next == '{' ? 1 : -1;
                _scanner.Take(_scanner.Next);
                continue;
            }

            int line = _scanner.Line;
            string guard = Guard(), word = _scanner.Word();
            if (_scanner.TakeColon())
            {
                yield return new(word, null);
                continue;
            }

            string rest = _scanner.Until(';');
            _scanner.Take(';');
            yield return new("", new(line, guard, word, Split(rest)));
        }
    }

    private string Guard()
    {
        if (_scanner.Next != '@') return "";
        _scanner.Take('@');
        if (_scanner.Next != '!') return _scanner.Word();
        _scanner.Take('!');
        return "!" + _scanner.Word();
    }

    /// <summary><c>.align 8 .b8 name[16]</c> or <c>.u32 name</c>.</summary>
    public static Declaration Declare(string text, int line)
    {
        int alignment = 0, size = 0;
        string[] words =
            text.Split([' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < words.Length; i++)
            if (words[i] == ".align")
                alignment = int.Parse(words[++i]);
            else if (words[i][0] == '.')
                size = PtxType.Of(words[i][1..], line).Bytes;
            else
            {
                string[] parts = words[i].Split('[');
                int count = parts.Length == 1 ? 1
                    : parts[1] == "]" ? 0
                    : int.Parse(parts[1].TrimEnd(']'));
                return new(parts[0], size * count, Math.Max(alignment, size));
            }

        throw new PtxException(line, $"a declaration expected, found '{text}'");
    }

    /// <summary>At commas outside braces and brackets.</summary>
    private static string[] Split(string text)
    {
        if (text.Length == 0) return [];
        List<string> parts = [];
        int depth = 0, begin = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is '{' or '[') depth++;
            if (text[i] is '}' or ']') depth--;
            if (text[i] != ',' || depth > 0) continue;
            parts.Add(text[begin..i].Trim());
            begin = i + 1;
        }

        parts.Add(text[begin..].Trim());
        return [.. parts];
    }
}

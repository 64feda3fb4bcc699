using System.Collections.Immutable;
using QSim.Simulator.Files;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>
/// YAML text to nodes with positions. Files are data, never trusted: size, depth and the number of
/// nodes (aliases expanded) are bounded, and tags, directives and merge keys are refused.
/// </summary>
internal sealed class DocumentReader
{
    /// <summary>Longest file that is read, in bytes.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Deepest nesting.</summary>
    public const int MaxDepth = 32;

    /// <summary>Most nodes in one document, each alias counted as what it stands for.</summary>
    public const int MaxNodes = 20_000;

    private readonly string _file;
    private readonly IParser _parser;
    private readonly Dictionary<string, (DocumentNode Node, int Size)> _anchors = [];
    private readonly List<InputError> _errors = [];
    private Mark _last = Mark.Empty;
    private int _nodes;

    private DocumentReader(string file, string text)
    {
        _file = file;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>Reads the one mapping that a document is.</summary>
    /// <param name="bytes">UTF-8 text, or UTF-16 that begins with its byte order mark.</param>
    /// <param name="file">The file's name for messages.</param>
    /// <exception cref="InputException">The bytes are no such document.</exception>
    public static MapNode Read(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length > MaxBytes)
            throw Refused(file, $"the file is larger than {MaxBytes} bytes");
        string text = InputFile.Text(bytes)
            ?? throw Refused(file, "the file is neither UTF-8 nor UTF-16 text");

        if (text.Contains('\0')) throw Refused(file, "the file is binary, not YAML text");
        return new DocumentReader(file, text.TrimStart('\uFEFF')).ReadDocument();
    }

    private static InputException Refused(string file, string message) =>
        new(InputError.InBinary(file, message));

    private MapNode ReadDocument()
    {
        try
        {
            _parser.Consume<StreamStart>();
            if (_parser.TryConsume<StreamEnd>(out _)) throw Refused(_file, "the file is empty");
            _parser.Consume<DocumentStart>();
            DocumentNode root = ReadNode("", 0).Node;
            _parser.Consume<DocumentEnd>();
            if (!_parser.TryConsume<StreamEnd>(out _))
                throw Stop(
                    _parser.Current!.Start, "", "a second document starts here; a file holds one");
            if (_errors.Count > 0)
                throw new InputException(_errors);
            return root as MapNode
                ?? throw new InputException(
                    root.Error($"{root.Found} where a mapping of keys is needed"));
        }
        catch (YamlException e)
        {
            // Some of YamlDotNet's errors carry the start of the file for a place.
            Mark mark = e.End.Index >= _last.Index ? e.End : _last;
            throw Stop(mark, "", "not valid YAML: " + OneLine(e));
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            // YamlDotNet lets these escape from odd tags and escapes.
            throw Stop(_last, "", "not valid YAML: what comes after this cannot be parsed");
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's way of meeting the end of the file inside an open bracket.
            throw Stop(
                _last, "", "not valid YAML: a bracket that is open after this is never closed");
        }
    }

    private (DocumentNode Node, int Size) ReadNode(string path, int depth)
    {
        ParsingEvent next = _parser.Consume<ParsingEvent>();
        _last = next.Start;
        if (depth > MaxDepth)
            throw Stop(next.Start, path, $"nested deeper than {MaxDepth}");
        if (next is AnchorAlias alias)
            return Expand(alias, path, depth);
        if (next is not NodeEvent start)
            throw Stop(next.Start, path, "not valid YAML: a value is missing here");
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific)
            _errors.Add(At(next.Start, path, $"the tag '{start.Tag.Value}' is not supported"));
        Count(1, next.Start, path);
        int before = _nodes;
        DocumentNode node = next switch
        {
            Scalar scalar => new ScalarNode(
                Position(next.Start), path, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadList(next.Start, path, depth),
            _ => ReadMap(next.Start, path, depth),
        };
        int size = _nodes - before + 1;
        if (!start.Anchor.IsEmpty) _anchors[start.Anchor.Value] = (node, size);
        return (node, size);
    }

    private (DocumentNode Node, int Size) Expand(AnchorAlias alias, string path, int depth)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out (DocumentNode Node, int Size) target))
            throw Stop(
                alias.Start, path,
                $"'*{alias.Value.Value}' refers to nothing that is complete before it");
        Count(target.Size, alias.Start, path);
        if (depth + Height(target.Node) > MaxDepth)
            throw Stop(alias.Start, path, $"nested deeper than {MaxDepth}");
        return (Below(path, target.Node), target.Size);
    }

    private static int Height(DocumentNode node) => node switch
    {
        ListNode list => 1 + list.Items.Select(Height).DefaultIfEmpty().Max(),
        MapNode map => 1 + map.Entries.Select(e => Height(e.Value)).DefaultIfEmpty().Max(),
        _ => 0,
    };

    /// <summary>What an alias stands for, under the keys that lead to the alias.</summary>
    private static DocumentNode Below(string path, DocumentNode node) => node switch
    {
        ListNode list => list with
        {
            Path = path,
            Items = [.. list.Items.Select((item, i) => Below($"{path}[{i}]", item))],
        },
        MapNode map => map with
        {
            Path = path,
            Entries =
            [
                .. map.Entries.Select(e => e with { Value = Below($"{path}.{e.Key}", e.Value) }),
            ],
        },
        _ => node with { Path = path },
    };

    private ListNode ReadList(Mark start, string path, int depth)
    {
        var items = ImmutableArray.CreateBuilder<DocumentNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode($"{path}[{items.Count}]", depth + 1).Node);
        return new(Position(start), path, items.ToImmutable());
    }

    private MapNode ReadMap(Mark start, string path, int depth)
    {
        var entries = ImmutableArray.CreateBuilder<MapEntry>();
        var seen = new HashSet<string>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.Accept<Scalar>(out _))
                throw Stop(_parser.Current!.Start, path, "a key must be a plain word");
            Scalar key = _parser.Consume<Scalar>();
            string below = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
            DocumentNode value = ReadNode(below, depth + 1).Node;
            if (seen.Add(key.Value)) entries.Add(new(key.Value, Position(key.Start), value));
            else _errors.Add(At(key.Start, below, "given twice in the same mapping"));
        }

        return new(Position(start), path, entries.ToImmutable());
    }

    private void Count(int nodes, Mark mark, string path)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes)
            throw Stop(mark, path, $"more than {MaxNodes} values, aliases expanded");
    }

    private InputException Stop(Mark mark, string path, string message)
    {
        _errors.Add(At(mark, path, message));
        return new(_errors);
    }

    private InputError At(Mark mark, string path, string message) =>
        new(
            _file, (int)mark.Line, (int)mark.Column, path.Length <= 60 ? path : path[..57] + "...",
            message);

    private SourcePosition Position(Mark mark) => new(_file, (int)mark.Line, (int)mark.Column);

    private static string OneLine(YamlException e)
    {
        string message = (e.InnerException?.Message ?? e.Message)
            .ReplaceLineEndings(" ")
            .Trim()
            .TrimEnd('.');
        return message.Length == 0
            ? "syntax error"
            : char.ToLowerInvariant(message[0]) + message[1..];
    }
}

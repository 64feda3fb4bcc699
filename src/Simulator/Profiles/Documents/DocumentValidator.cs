using System.Collections.Immutable;
using System.Globalization;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>
/// Checks one file's nodes against the key table and brings them into one spelling: shorthands
/// become mappings, aliases their key. Collects every error; what was refused becomes an
/// <see cref="InvalidNode"/>.
/// </summary>
internal sealed class DocumentValidator(List<InputError> errors)
{
    /// <summary>The node in one spelling.</summary>
    public DocumentNode Normalize(DocumentNode node, KeyType type)
    {
        return (type, node) switch
        {
            (_, InvalidNode) => node,
            (_, ScalarNode { Text.Length: 0, IsPlain: true }) =>
                Refuse(node, $"nothing was given (supported: {type.Supported})"),
            (WordOrMapType either, ScalarNode word) when word.Text == either.Word => word,
            (WordOrMapType either, _) => Normalize(node, either.Map),
            (MapType map, MapNode written) => NormalizeMap(written, map),
            (MapType map, ScalarNode shorthand) => Expand(shorthand, map),
            (ListType list, ListNode written) => NormalizeList(written, list),
            (ListType { TakesOne: true } list, ScalarNode one) => Normalize(one, list.Item),
            (not MapType and not ListType, ScalarNode scalar) => NormalizeScalar(scalar, type),
            (ListType, ScalarNode { IsPlain: true } one) =>
                Refuse(node, $"{node.Found} where a list is needed: [{Brief.Name(one.Text)}]"),
            (ListType, _) => Refuse(node, $"{node.Found} where a list is needed"),
            (MapType map, _) => Refuse(node, $"{node.Found} where a mapping is needed"),
            _ => Refuse(
                node, $"{node.Found} where one value is needed (supported: {type.Supported})"),
        };
    }

    /// <summary>Checks that every file has the keys that every file must have.</summary>
    public void RequireInEveryFile(MapNode root, MapType type)
    {
        foreach (KeySpec key
            in type.Keys.Where(k => k.IsRequiredInEveryFile && root[k.Name] is null))
            errors.Add(Missing(root, key));
    }

    /// <summary>An error that says that a key is missing.</summary>
    public static InputError Missing(MapNode map, KeySpec key) => new(
        map.Position.File, map.Position.Line, map.Position.Column, map.PathOf(key.Name),
        $"missing (supported: {key.Type.Supported})");

    private DocumentNode Expand(ScalarNode shorthand, MapType map)
    {
        MapNode? expanded = map.Expand(shorthand, out string? error);
        return expanded is null ? Refuse(shorthand, error!) : NormalizeMap(expanded, map);
    }

    private MapNode NormalizeMap(MapNode written, MapType map)
    {
        MapNode result = written with { Entries = [] };
        foreach (MapEntry entry in written.Entries)
        {
            KeySpec? key = map.Find(entry.Key);
            if (key is null)
            {
                errors.Add(Unknown(entry.Position, written.PathOf(entry.Key), entry.Key, map));
            }
            else if (key.Type is NotationType notation && entry.Value is ScalarNode scalar)
            {
                result = Spread(result, scalar, notation, map);
            }
            else if (result[key.Name] is not null)
            {
                errors.Add(entry.Value.Error($"given twice: '{key.Name}' is set already"));
            }
            else
            {
                result = result.With(key.Name, Normalize(entry.Value, key.Type));
            }
        }

        return result;
    }

    /// <summary>The keys that a notation stands for, put beside its siblings.</summary>
    private MapNode Spread(MapNode into, ScalarNode scalar, NotationType notation, MapType map)
    {
        if (notation.Parse(scalar, out string? error) is not { } keys)
        {
            errors.Add(scalar.Error(error!));
            return into.With("bits", new InvalidNode(scalar.Position, scalar.Path));
        }

        foreach (MapEntry entry in ((MapNode)Normalize(keys, map)).Entries)
        {
            if (into[entry.Key] is not null)
                errors.Add(scalar.Error($"given twice: '{entry.Key}' is set beside the notation"));
            into = into.With(entry.Key, entry.Value);
        }

        return into;
    }

    private DocumentNode NormalizeList(ListNode written, ListType list)
    {
        if (written.Items.Length > list.MaxItems)
            return Refuse(written, $"{written.Items.Length} items are more than {list.MaxItems}");
        return written with { Items = [.. written.Items.Select(i => Normalize(i, list.Item))] };
    }

    private DocumentNode NormalizeScalar(ScalarNode scalar, KeyType type)
    {
        (string? canonical, string? error) = type switch
        {
            TextType text => CheckText(scalar, text),
            IntegerType or NumberType when !scalar.IsPlain && !Words(type).Contains(scalar.Text) =>
                (null, $"{scalar.Found} is quoted text (supported: {type.Supported})"),
            WordType words => CheckWord(scalar, words),
            IntegerType integer => CheckInteger(scalar, integer),
            NumberType number => CheckNumber(scalar, number),
            _ => (null, $"{scalar.Found} where a mapping is needed (supported: {type.Supported})"),
        };
        if (error is not null) return Refuse(scalar, error);
        bool hasPrefix = type is PrefixedWordType && canonical!.Length < scalar.Text.Length;
        return scalar with
        {
            Text = canonical!,
            Prefix = hasPrefix ? scalar.Text[..3] : scalar.Prefix,
        };
    }

    private static ImmutableArray<string> Words(KeyType type) => (type as IntegerType)?.Words ?? [];

    private static (string?, string?) CheckWord(ScalarNode scalar, WordType words) =>
        words.Canonical(scalar.Text) is { } word
            ? word is "true" or "false" && !scalar.IsPlain
                ? (null, $"{scalar.Found} is quoted text (supported: {words.Supported})")
                : (word, null)
            : (null, $"{scalar.Found} is not known{Suggestion.Hint(scalar.Text, words.Words)}"
                + $" (supported: {words.Supported})");

    private static (string?, string?) CheckInteger(ScalarNode scalar, IntegerType type)
    {
        if (type.Words.Contains(scalar.Text))
            return (scalar.Text, null);
        if (!long.TryParse(
            scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out long value))
            return (null, $"{scalar.Found} is not a whole number (supported: {type.Supported})");
        if (value > type.Max)
            return (null, $"{value} is more than {type.Max} (supported: {type.Supported})");
        if (value < type.Min)
            return (null, $"{value} is less than {type.Min} (supported: {type.Supported})");
        return (value.ToString(CultureInfo.InvariantCulture), null);
    }

    private static (string?, string?) CheckNumber(ScalarNode scalar, NumberType type)
    {
        const NumberStyles Style = NumberStyles.Float & ~NumberStyles.AllowTrailingWhite;
        if (!double.TryParse(scalar.Text, Style, CultureInfo.InvariantCulture, out double value)
            || !double.IsFinite(value))
            return (null, $"{scalar.Found} is not a number (supported: {type.Supported})");
        return value > type.Above && value <= type.Max
            ? (value.ToString("R", CultureInfo.InvariantCulture), null)
            : (null, $"{scalar.Text} is out of range (supported: {type.Supported})");
    }

    private static (string?, string?) CheckText(ScalarNode scalar, TextType type)
    {
        bool legal =
            scalar.Text.Length <= type.MaxLength
            && scalar.Text.Trim().Length > 0
            && (!type.IsName
                || scalar.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));
        return legal
            ? (scalar.Text.Trim(), null)
            : (null, $"{scalar.Found} is not usable (supported: {type.Supported})");
    }

    private static InputError Unknown(SourcePosition at, string path, string key, MapType map) =>
        new(
            at.File,
            at.Line,
            at.Column,
            path,
            $"unknown key{Suggestion.Hint(key, map.Keys.Select(k => k.Name))} (supported: "
                + $"{map.Supported})");

    private InvalidNode Refuse(DocumentNode node, string message)
    {
        errors.Add(node.Error(message));
        return new(node.Position, node.Path);
    }
}

using System.Collections.Immutable;

namespace QSim.Simulator.Profiles.Documents;

/// <summary>Where something stands in a file.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public readonly record struct SourcePosition(string File, int Line, int Column);

/// <summary>A piece of a YAML document that remembers where it was written.</summary>
/// <param name="Position">Where.</param>
/// <param name="Path">
/// The dotted key, as in <c>layers[0].weight.bits</c>; empty for the whole document.
/// </param>
internal abstract record DocumentNode(SourcePosition Position, string Path)
{
    /// <summary>What the user is told was found.</summary>
    public abstract string Found { get; }

    /// <summary>An error about this node.</summary>
    public InputError Error(string message) =>
        new(Position.File, Position.Line, Position.Column, Path, message);

    /// <summary>The path of a key below this node.</summary>
    public string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";
}

/// <summary>A single value, not yet interpreted.</summary>
/// <param name="Position">Where.</param>
/// <param name="Path">The dotted key.</param>
/// <param name="Text">The characters.</param>
/// <param name="IsPlain">False when it was quoted: then it is text, whatever it looks like.</param>
/// <param name="IsDefault">True when no file says it: the key's default.</param>
internal sealed record ScalarNode(
    SourcePosition Position, string Path, string Text, bool IsPlain = true, bool IsDefault = false)
    : DocumentNode(Position, Path)
{
    /// <summary>The prefix that a word was written with, as in AP_; null without.</summary>
    public string? Prefix { get; init; }

    /// <inheritdoc/>
    public override string Found =>
        Text.Length == 0 ? "nothing"
        : Text.Length <= 60 ? $"'{Printable}'"
        : $"'{Printable[..57]}...'";

    private string Printable => string.Concat(Text.Select(c => char.IsControl(c) ? ' ' : c));
}

/// <summary>A list.</summary>
/// <param name="Position">Where.</param>
/// <param name="Path">The dotted key.</param>
/// <param name="Items">Its items.</param>
internal sealed record ListNode(
    SourcePosition Position, string Path,
    ImmutableArray<DocumentNode> Items) : DocumentNode(Position, Path)
{
    /// <inheritdoc/>
    public override string Found => Items.Length == 0 ? "an empty list" : "a list";
}

/// <summary>One key of a mapping.</summary>
/// <param name="Key">The key.</param>
/// <param name="Position">Where the key stands.</param>
/// <param name="Value">Its value.</param>
internal sealed record MapEntry(string Key, SourcePosition Position, DocumentNode Value);

/// <summary>A mapping; keys are unique and keep their order.</summary>
/// <param name="Position">Where.</param>
/// <param name="Path">The dotted key.</param>
/// <param name="Entries">Its keys.</param>
/// <param name="IsWhole">
/// True when it stands for a shorthand, which replaces what it overrides.
/// </param>
internal sealed record MapNode(
    SourcePosition Position, string Path, ImmutableArray<MapEntry> Entries, bool IsWhole = false)
    : DocumentNode(Position, Path)
{
    /// <inheritdoc/>
    public override string Found => "a mapping";

    /// <summary>The value under a key, or null.</summary>
    public DocumentNode? this[string key]
    {
        get
        {
            foreach (MapEntry entry in Entries) if (entry.Key == key) return entry.Value;
            return null;
        }
    }

    /// <summary>The text of a scalar under a key, or null.</summary>
    public string? Text(string key) => (this[key] as ScalarNode)?.Text;

    /// <summary>This mapping with a key set, in its old place if it had one.</summary>
    public MapNode With(string key, DocumentNode value)
    {
        int index = 0;
        while (index < Entries.Length && Entries[index].Key != key) index++;
        var entry = new MapEntry(key, value.Position, value);
        return this with
        {
            Entries = index < Entries.Length ? Entries.SetItem(index, entry) : Entries.Add(entry),
        };
    }
}

/// <summary>Stands for a value that was refused, so that it is not also reported missing.</summary>
/// <param name="Position">Where.</param>
/// <param name="Path">The dotted key.</param>
internal sealed record InvalidNode(SourcePosition Position, string Path)
    : DocumentNode(Position, Path)
{
    /// <inheritdoc/>
    public override string Found => "an invalid value";
}

using System.Collections.Immutable;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles;

/// <summary>One file that a profile was read from.</summary>
/// <param name="Name">The file as the user named it, or a shipped profile's file name.</param>
/// <param name="Sha256">Of its bytes, lower-case hexadecimal.</param>
public sealed record ProfileFile(string Name, string Sha256);

/// <summary>A key that a study sets before the profile is compiled.</summary>
/// <param name="Key">Dotted, as in <c>mac.accumulator.bits</c>.</param>
/// <param name="Value">As it would stand in the profile.</param>
/// <param name="Position">Where the study says it, for messages.</param>
public sealed record ProfileOverride(string Key, string Value, SourcePosition Position)
{
    /// <summary>An override that stands in no file, as from a command line.</summary>
    public ProfileOverride(string key, string value) : this(key, value, new("override", 1, 1))
    {
    }
}

/// <summary>
/// A hardware profile as its author wrote it: checked key by key, variants and overrides laid over
/// each other, formats in one spelling, nothing else decided. <see cref="DatapathCompiler"/>
/// decides the rest.
/// </summary>
public sealed class HardwareProfile
{
    internal HardwareProfile(
        MapNode root, string text, ImmutableArray<ProfileFile> files, string sha256)
    {
        Root = root;
        Text = text;
        Files = files;
        Sha256 = sha256;
    }

    /// <summary>Its name.</summary>
    public string Name => Root.Text("name") ?? "";

    /// <summary>One line about it; may be empty.</summary>
    public string Summary => Root.Text("summary") ?? "";

    /// <summary>Where its facts come from; may be empty.</summary>
    public string Source => Root.Text("source") ?? "";

    /// <summary>Its own file, comments and all.</summary>
    public string Text { get; }

    /// <summary>
    /// The files that it was read from: its own, the one it extends and so on, then tables.
    /// </summary>
    public ImmutableArray<ProfileFile> Files { get; }

    /// <summary>
    /// SHA-256 of the bytes of <see cref="Files"/>, one after the other: for a profile that extends
    /// nothing what sha256sum prints. Overrides are not part of it.
    /// </summary>
    public string Sha256 { get; }

    /// <summary>What is written, normalized; every node knows its place.</summary>
    internal MapNode Root { get; }
}

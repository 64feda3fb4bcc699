using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using QSim.Simulator.Files;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Simulator.Profiles;

/// <summary>
/// YAML to <see cref="HardwareProfile"/>: every key known, every value legal by itself.
/// </summary>
public static class ProfileReader
{
    /// <summary>
    /// The name under which a quantized network's own format is the profile: exact products, sums
    /// of 32 bits, ONNX Runtime's requantization.
    /// </summary>
    public const string FromModel = ProfileFiles.FromModel;

    /// <summary>How many profiles may extend one another.</summary>
    public const int MaxExtends = 8;

    /// <summary>Reads a profile.</summary>
    /// <param name="reference">
    /// A path, or the name of a shipped profile, as in <c>int8-wide</c>.
    /// </param>
    /// <param name="overrides">Dotted keys to set on top, in order.</param>
    /// <exception cref="InputException">
    /// The profile cannot be found, or something in it is wrong.
    /// </exception>
    public static HardwareProfile Read(
        string reference, params IEnumerable<ProfileOverride> overrides) =>
        Read(ProfileFiles.Open(reference), overrides);

    /// <summary>Reads a profile from text; it may extend shipped profiles.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="file">Its name for messages.</param>
    /// <param name="overrides">Dotted keys to set on top, in order.</param>
    /// <exception cref="InputException">Something in it is wrong.</exception>
    public static HardwareProfile Parse(
        string yaml, string file, params IEnumerable<ProfileOverride> overrides) =>
        Read(new ProfileText(file, Encoding.UTF8.GetBytes(yaml), Folder: null), overrides);

    private static HardwareProfile Read(ProfileText text, IEnumerable<ProfileOverride> overrides)
    {
        var errors = new List<InputError>();
        var chain = new List<(ProfileText Text, MapNode Root)>();
        var tables = new List<ProfileText>();
        for (ProfileText? next = text; next is not null;)
        {
            MapNode root = ReadOne(next, errors);
            chain.Add((next, TableValues.Inline(root, next, tables)));
            next = Extended(root, next, chain.Count);
        }

        MapNode merged = chain[^1].Root;
        for (int i = chain.Count - 2; i >= 0; i--)
            merged = (MapNode)DocumentMerger.Merge(merged, chain[i].Root, ProfileKeys.Root);
        foreach (ProfileOverride o in overrides)
        {
            var value = new ScalarNode(o.Position, o.Key, o.Value);
            merged = DocumentMerger.Set(merged, ProfileKeys.Root, value, errors);
        }

        ProfileResolver.Resolve(merged, errors);
        if (errors.Count > 0) throw new InputException(errors);
        return Build(merged, [.. chain.Select(c => c.Text), .. tables]);
    }

    private static MapNode ReadOne(ProfileText text, List<InputError> errors)
    {
        MapNode written = DocumentReader.Read(text.Bytes, text.Name);
        var validator = new DocumentValidator(errors);
        validator.RequireInEveryFile(written, ProfileKeys.Root);
        return (MapNode)validator.Normalize(written, ProfileKeys.Root);
    }

    private static ProfileText? Extended(MapNode root, ProfileText by, int depth)
    {
        if (root["extends"] is not ScalarNode extends) return null;
        if (depth > MaxExtends)
            throw new InputException(
                extends.Error(
                    $"more than {MaxExtends} profiles extend one another; is it a circle?"));
        return ProfileFiles.OpenExtended(extends, by);
    }

    private static HardwareProfile Build(MapNode root, ImmutableArray<ProfileText> texts)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ProfileText text in texts) all.AppendData(text.Bytes);
        return new(
            root,
            InputFile.Text(texts[0].Bytes)!,
            [
                .. texts.Select(t => new ProfileFile(
                    t.Name, Convert.ToHexStringLower(SHA256.HashData(t.Bytes)))),
            ],
            Convert.ToHexStringLower(all.GetHashAndReset()));
    }
}

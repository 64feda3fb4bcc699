using System.Text.Json.Serialization;
using QSim.Kernels.Datapath;
using QSim.Simulator;

namespace QSim.Runner.Silicon.Vectors;

/// <summary>What a folder of golden vectors holds.</summary>
/// <param name="Schema">The version of the layout.</param>
/// <param name="Qsim">The version of QSim that wrote it.</param>
/// <param name="Profile">The profile's name.</param>
/// <param name="Network">Network and profile.</param>
/// <param name="Layers">The layers.</param>
/// <param name="Images">The images' indices in their dataset.</param>
/// <param name="Updates">Whether each product and update is there.</param>
/// <param name="Mutated">Where the mutated set is wrong.</param>
/// <param name="Arrays">Every array.</param>
/// <param name="Files">Every file but this one.</param>
internal sealed record VectorManifest(
    string Schema, string Qsim, string Profile, string Network, IReadOnlyList<string> Layers,
    IReadOnlyList<int> Images, bool Updates, WrongBit Mutated,
    IReadOnlyList<VectorEntry> Arrays, IReadOnlyList<VectorFile> Files)
{
    /// <summary>Its name in the folder.</summary>
    public const string Name = "manifest.json";

    /// <summary>The layout that is written and read.</summary>
    public const string Version = "qsim/vectors/1";

    /// <summary>The archive of program and arrays.</summary>
    public const string Archive = "vectors.npz";

    /// <summary>Null where it is one, else why it is none.</summary>
    public string? WhyNot() =>
        Schema != Version
            ? $"schema '{Brief.Name(Schema)}' is not known (supported: {Version})"
        : Images.Count == 0 || Images.Distinct().Count() != Images.Count
            ? "images must be named once each"
        : Arrays.Select(a => a.Name).Distinct().Count() != Arrays.Count
            ? "an array is there twice"
        : Arrays.FirstOrDefault(a => !a.IsSound) is { } odd
            ? $"array '{Brief.Name(odd.Name)}' has impossible sizes"
        : null;
}

/// <summary>One array.</summary>
/// <param name="Name">In the archive.</param>
/// <param name="File">Name of its files in csv/ and hex/, without ending.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Axes">What its indices count; the last runs fastest.</param>
/// <param name="Shape">How many there are of each.</param>
/// <param name="Bits">Width of a value.</param>
/// <param name="IsSigned">Whether it is two's complement.</param>
/// <param name="IsReal">Whether it is a floating-point number.</param>
internal sealed record VectorEntry(
    string Name, string File, VectorRole Role, IReadOnlyList<string> Axes,
    IReadOnlyList<int> Shape, int Bits, bool IsSigned, bool IsReal)
{
    private const long MostValues = 1L << 27;

    /// <summary>Values of the array.</summary>
    [JsonIgnore]
    public int Length => (int)Shape.Aggregate(1L, (all, extent) => all * extent);

    /// <summary>Whether it describes an array that can be.</summary>
    [JsonIgnore]
    public bool IsSound => Axes.Count == Shape.Count && Bits is >= 1 and <= 64
        && Shape.All(e => e >= 0)
        && Sizes.Product(MostValues, [.. Shape.Select(e => (long)e)]) <= MostValues;

    /// <summary>An array's entry.</summary>
    public static VectorEntry Of(VectorArray array) => new(
        array.Name, array.Stem, array.Role, array.Axes, [.. array.Array.Shape], array.Bits,
        array.IsSigned, array.IsReal);
}

/// <summary>One file.</summary>
/// <param name="Path">In the folder.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its digest.</param>
internal sealed record VectorFile(string Path, long Bytes, string Sha256);

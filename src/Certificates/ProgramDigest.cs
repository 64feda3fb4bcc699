using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using QSim.Kernels.Datapath;

namespace QSim.Certificates;

/// <summary>
/// A program's name by content: of everything that decides a bit of it, names left out.
/// </summary>
internal static class ProgramDigest
{
    /// <summary>SHA-256 in hexadecimal digits.</summary>
    public static string Of(QuantizedProgram program)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, program.Input with { Normalization = [] });
        if (program.Input.HasFloat32Quotient) Add(hash, "float32 quotient");
        foreach ((float scale, float shift) in program.Input.Normalization)
            Add(hash, FormattableString.Invariant($"{scale:R} {shift:R}"));
        foreach (ProgramLayer layer in program.Layers)
        {
            Add(hash, layer.GetType().Name);
            foreach (PropertyInfo property in layer.GetType().GetProperties()
                .Where(p => p.Name != nameof(ProgramLayer.Name) && IsPartOfIt(layer, p))
                .OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                Add(hash, property.Name);
                object? value = property.GetValue(layer);
                if (value is IEnumerable items and not string)
                    foreach (object? item in items) Add(hash, item);
                else
                    Add(hash, value);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What somebody set; the rest follows from it.</summary>
    private static bool IsPartOfIt(ProgramLayer layer, PropertyInfo property) =>
        property.SetMethod is not null && property.DeclaringType!.IsInstanceOfType(layer);

    private static void Add(IncrementalHash hash, object? value) => hash.AppendData(
        Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{value}") + "\n"));
}

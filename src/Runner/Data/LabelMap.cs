using System.Globalization;
using System.Text;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Data;

/// <summary>
/// Which of a network's classes each of a dataset's is, where the network has others or more: its
/// class per label in order, or NAME=CLASS where classes have names.
/// </summary>
internal static class LabelMap
{
    /// <summary>Most classes of a map.</summary>
    public const int MostClasses = 10_000;

    /// <summary>The dataset with the network's labels.</summary>
    /// <param name="data">The dataset.</param>
    /// <param name="entries">As written; empty for labels as they are.</param>
    /// <exception cref="RequestException">They do not fit the classes.</exception>
    public static Dataset Apply(Dataset data, IReadOnlyList<string> entries)
    {
        if (entries.Count == 0) return data;
        int[] map = entries.Any(e => e.Contains('=')) ? Named(data, entries)
            : [.. entries.Select(e => Class(e, e))];
        if (map.Length != data.Classes)
            throw new RequestException(
                $"label map: {map.Length} classes for the {data.Classes} of {data.Name}");
        if (map.GroupBy(c => c).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new RequestException($"label map: two classes are {twice.Key} of the network");
        ImageSet With(ImageSet images) =>
            images with { Labels = [.. images.Labels.Select(l => map[l])] };
        string[] names = [.. Enumerable.Repeat("", data.ClassNames.Count > 0 ? map.Max() + 1 : 0)];
        for (int i = 0; i < data.ClassNames.Count; i++) names[map[i]] = data.ClassNames[i];
        return data with
        {
            Classes = map.Max() + 1,
            Train = With(data.Train),
            Test = With(data.Test),
            ClassNames = names,
            Sha256 = Digest.OfAll(
            [
                Encoding.UTF8.GetBytes(data.Sha256),
                Encoding.UTF8.GetBytes(string.Join(",", map)),
            ]),
        };
    }

    private static int[] Named(Dataset data, IReadOnlyList<string> entries)
    {
        if (data.ClassNames.Count == 0)
            throw new RequestException(
                $"label map {entries[0]}: the classes of {data.Name} have numbers, no names "
                    + "(supported: one number per class)");
        int[] map = [.. Enumerable.Repeat(-1, data.Classes)];
        foreach (string entry in entries)
        {
            int at = entry.LastIndexOf('=');
            string name = at < 0 ? entry : entry[..at];
            int label = data.ClassNames.ToList().IndexOf(name);
            if (label < 0)
                throw new RequestException(
                    $"label map {entry}: {data.Name} has no class '{name}'"
                        + Suggestion.Hint(name, data.ClassNames));
            if (map[label] >= 0)
                throw new RequestException($"label map {entry}: '{name}' is there twice");
            map[label] = Class(entry[(at + 1)..], entry);
        }

        return Array.IndexOf(map, -1) is var missing and >= 0
            ? throw new RequestException(
                $"label map: says nothing of class '{data.ClassNames[missing]}'")
            : map;
    }

    private static int Class(string text, string entry) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number < MostClasses
            ? number
            : throw new RequestException(
                $"label map {entry} (supported: a class of the network, 0..{MostClasses - 1}, or "
                    + "NAME=CLASS)");
}

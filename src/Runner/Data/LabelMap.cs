using System.Globalization;
using System.Text;
using QSim.Simulator;
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
    /// <param name="places">Where each entry stands in a file; empty where in none.</param>
    /// <exception cref="RequestException">They do not fit the classes.</exception>
    public static Dataset Apply(
        Dataset data, IReadOnlyList<string> entries, IReadOnlyList<string>? places = null)
    {
        if (entries.Count == 0) return data;
        LabelMapEntry[] all =
        [
            .. entries.Select((e, i) => new LabelMapEntry(
                e, places is { Count: > 0 } ? $"{places[i]}: label map" : "label map")),
        ];
        LabelMapEntry[] sorted = entries.Any(e => e.Contains('=')) ? Named(data, all) : all;
        int[] map = [.. sorted.Select(e => e.Class())];
        if (map.Length != data.Classes)
            throw new RequestException(
                $"{all[0].Map}: {map.Length} classes for the {data.Classes} of {data.Name}");
        if (Enumerable.Range(0, map.Length).GroupBy(i => map[i])
            .FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new RequestException(
                $"{sorted[twice.Last()].Map}: two classes are {twice.Key} of the network");
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
            WhatSays = least => Array.FindIndex(map, c => c >= least) is var found and >= 0
                ? sorted[found].ToString()
                : null,
            Sha256 = Digest.OfAll(
            [
                Encoding.UTF8.GetBytes(data.Sha256),
                Encoding.UTF8.GetBytes(string.Join(",", map)),
            ]),
        };
    }

    private static LabelMapEntry[] Named(Dataset data, LabelMapEntry[] entries)
    {
        if (data.ClassNames.Count == 0)
            throw new RequestException(
                $"{entries[0]}: the classes of {data.Name} have numbers, no names (supported: one "
                    + "number per class)");
        var map = new LabelMapEntry?[data.Classes];
        foreach (LabelMapEntry entry in entries)
        {
            int label = data.ClassNames.ToList().IndexOf(entry.Name);
            if (label < 0)
                throw new RequestException(
                    $"{entry}: {data.Name} has no class '{entry.Name}'"
                        + Suggestion.Hint(entry.Name, data.ClassNames));
            if (map[label] is not null)
                throw new RequestException($"{entry}: '{entry.Name}' is there twice");
            map[label] = entry;
        }

        return
        [
            .. map.Select((entry, label) => entry ?? throw new RequestException(
                $"{entries[0].Map}: says nothing of class '{data.ClassNames[label]}'")),
        ];
    }
}

/// <summary>One entry of a label map.</summary>
/// <param name="Text">As written: a class of the network, or NAME=CLASS.</param>
/// <param name="Map">What the map is called in messages, with its place in a file.</param>
internal sealed record LabelMapEntry(string Text, string Map)
{
    private int Mark => Text.LastIndexOf('=');

    /// <summary>The data's class; all of the text where it names none.</summary>
    public string Name => Mark < 0 ? Text : Text[..Mark];

    /// <summary>The network's class.</summary>
    /// <exception cref="RequestException">It is no number of one.</exception>
    public int Class() =>
        int.TryParse(
            Text[(Mark + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number < LabelMap.MostClasses
            ? number
            : throw new RequestException(
                $"{this} (supported: a class of the network, 0..{LabelMap.MostClasses - 1}, or "
                    + "NAME=CLASS)");

    /// <inheritdoc/>
    public override string ToString() => $"{Map} {Brief.Name(Text)}";
}

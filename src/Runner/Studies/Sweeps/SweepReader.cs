using System.Globalization;
using System.Text.RegularExpressions;
using QSim.Simulator;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Sweeps;

/// <summary>
/// Reads a study's <c>sweep</c>: profile keys with the values that they take, as in
/// <c>mac.accumulator.bits: [12..16, 20, 24..32 step 4]</c>. Every key is an axis of the product;
/// keys under <c>zip</c> make one axis together, step by step; a list under <c>zip</c> makes
/// several such axes.
/// </summary>
/// <param name="errors">Collects what is wrong.</param>
/// <param name="most">Most combinations: a search tries few of very many.</param>
internal sealed partial class SweepReader(
    List<InputError> errors, int most = SweepReader.MostPoints)
{
    /// <summary>Most combinations of one sweep.</summary>
    public const int MostPoints = 10_000;

    private const string Zip = "zip";
    private const string Supported = "values, or ranges as in 12..24 or 12..24 step 4";

    /// <summary>The axes, in the order in which they are written.</summary>
    public IReadOnlyList<SweepAxis> Read(DocumentNode? node)
    {
        if (node is null)
            return [];
        if (node is not MapNode map)
            return Refuse<SweepAxis>(
                node, $"{node.Found} where profile keys with lists of values are needed");
        var axes = new List<SweepAxis>();
        foreach (MapEntry entry in map.Entries)
        {
            if (entry.Key == Zip)
                axes.AddRange(ReadZips(entry.Value));
            else if (Values(entry) is { Count: > 0 } values)
                axes.Add(new([.. values.Select(v => new[] { v })]));
        }

        string[] twice =
        [
            .. axes.SelectMany(a => a.Steps[0])
                .GroupBy(s => s.Key)
                .Where(g => g.Count() > 1)
                .Select(g => g.Key),
        ];
        if (twice.Length > 0)
            errors.Add(map.Error($"'{twice[0]}' is swept twice"));
        if (SweepAxis.Count(axes) > most)
            errors.Add(map.Error($"more than {most} combinations"));
        return axes;
    }

    /// <summary>One zip, or a list of them, each an axis of the product.</summary>
    private IEnumerable<SweepAxis> ReadZips(DocumentNode node) =>
        node is ListNode { Items.Length: > 0 } several
            ? several.Items.SelectMany(ReadZip)
            : ReadZip(node);

    private IReadOnlyList<SweepAxis> ReadZip(DocumentNode node)
    {
        if (node is not MapNode map || map.Entries.Length == 0)
            return Refuse<SweepAxis>(
                node, $"{node.Found} where profile keys with lists of the same length are needed");
        IReadOnlyList<SweepSetting>[] columns = [.. map.Entries.Select(Values)];
        if (columns.Any(c => c.Count == 0)) return [];
        for (int i = 1; i < columns.Length; i++)
        {
            if (columns[i].Count == columns[0].Count) continue;
            return Refuse<SweepAxis>(
                map.Entries[i].Value,
                $"{columns[i].Count} values where '{map.Entries[0].Key}' has {columns[0].Count}: a "
                    + "zip needs as many of each");
        }

        return
        [
            new([
                .. Enumerable
                    .Range(0, columns[0].Count)
                    .Select(step => columns.Select(c => c[step]).ToArray()),
            ]),
        ];
    }

    private IReadOnlyList<SweepSetting> Values(MapEntry entry)
    {
        if (entry.Value is not ListNode { Items.Length: > 0 } list)
            return Refuse<SweepSetting>(
                entry.Value,
                $"{entry.Value.Found} where a list of values is needed (supported: {Supported})");
        var values = new List<SweepSetting>();
        foreach (DocumentNode item in list.Items)
        {
            if (item is ScalarNode { Text.Length: > 0 } scalar)
                values.AddRange(
                    Expand(scalar)
                        .Select(v => new SweepSetting(entry.Key, v) { Position = scalar.Position })
                );
            else
                Refuse<string>(
                    item, $"{item.Found} where one value is needed (supported: {Supported})");
        }

        if (values.GroupBy(v => v.Value).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return Refuse<SweepSetting>(list, $"{twice.Key} is given twice");
        return values;
    }

    private IReadOnlyList<string> Expand(ScalarNode scalar)
    {
        Match range = Range().Match(scalar.Text);
        if (!scalar.IsPlain || !range.Success) return [scalar.Text];
        long first = Number(range, "first"), last = Number(range, "last");
        long step = range.Groups["step"].Success ? Number(range, "step") : 1;
        if (last < first || step < 1)
            return Refuse<string>(
                scalar, $"{scalar.Found} is an empty range (supported: {Supported})");
        if ((last - first) / step >= MostPoints)
            return Refuse<string>(scalar, $"more than {MostPoints} values");
        return
        [
            .. Enumerable
                .Range(0, (int)((last - first) / step) + 1)
                .Select(i => (first + (i * step)).ToString(CultureInfo.InvariantCulture)),
        ];
    }

    private static long Number(Match match, string group) =>
        long.Parse(
            match.Groups[group].ValueSpan, NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture);

    private IReadOnlyList<T> Refuse<T>(DocumentNode node, string message)
    {
        errors.Add(node.Error(message));
        return [];
    }

    [GeneratedRegex(
        @"^(?<first>-?\d{1,9})\.\.(?<last>-?\d{1,9})( step (?<step>\d{1,9}))?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Range();
}

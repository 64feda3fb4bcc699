using System.Reflection;
using System.Text.Json;

namespace QSim.Runner.Reports;

/// <summary>A column of a table of records.</summary>
/// <param name="Name">In snake_case; of a swept key, the key.</param>
/// <param name="Type">Of its values; text for what a sweep or a circuit's cost says.</param>
/// <param name="IsSwept">Whether it says something about the record's target.</param>
/// <param name="Of">A record's value.</param>
internal sealed record ReportColumn<T>(
    string Name, Type Type, bool IsSwept, Func<T, object?> Of);

/// <summary>
/// The columns of records as CSV and Parquet files have them: their properties, then for each that
/// names a target what the study sweeps.
/// </summary>
internal static class ReportColumns
{
    /// <summary>Properties that name a target, and what their swept columns begin with.</summary>
    private static readonly (string Property, string Prefix)[] Targets =
    [
        ("Target", ""), ("Profile", ""), ("Source", "source."), ("First", "first."),
        ("Second", "second."),
    ];

    /// <summary>In order.</summary>
    /// <param name="swept">Columns that follow those of records about a target.</param>
    public static IReadOnlyList<ReportColumn<T>> Of<T>(SweptColumns swept)
    {
        var columns = new List<ReportColumn<T>>();
        foreach (PropertyInfo property in typeof(T).GetProperties())
            columns.Add(new(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), property.PropertyType,
                false, record => Plain(property.GetValue(record))));
        foreach ((string name, string prefix) in Targets)
            if (typeof(T).GetProperty(name) is { } target && target.PropertyType == typeof(string))
                foreach ((int i, string key) in swept.Keys.Index())
                    columns.Add(new(
                        prefix + key, typeof(string), true,
                        record => swept.Of($"{target.GetValue(record)}")[i]));
        return columns;
    }

    /// <summary>Words of an enumeration are those of <see cref="EnumWord"/>.</summary>
    private static object? Plain(object? value) =>
        value is Enum word ? EnumWord.Of(word) : value;
}

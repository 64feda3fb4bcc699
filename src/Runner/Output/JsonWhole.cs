using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace QSim.Runner.Output;

/// <summary>
/// Whether a value that was read has what its type promises: nothing missing where nothing may be,
/// in lists and dictionaries neither, numbers finite and words known. The serializer itself checks
/// none of that inside lists, nor for what a constructor takes.
/// </summary>
internal static class JsonWhole
{
    private static readonly ConcurrentDictionary<Type, Member[]> Known = new();

    /// <summary>What properties are called in documents.</summary>
    public static JsonNamingPolicy Names => JsonNamingPolicy.SnakeCaseLower;

    /// <summary>What is wrong, in words; null where nothing is.</summary>
    public static string? WhyNot(object value)
    {
        foreach (Member member in Known.GetOrAdd(value.GetType(), MembersOf))
            if (WhyNot(member.Property.GetValue(value), member.Nullability) is { } reason)
                return $"{Names.ConvertName(member.Property.Name)}: {reason}";
        return null;
    }

    private static string? WhyNot(object? value, NullabilityInfo nullability) => value switch
    {
        null when nullability.ReadState == NullabilityState.NotNull => "is missing",
        null or string => null,
        double number => double.IsFinite(number) ? null : "is not a number",
        float number => float.IsFinite(number) ? null : "is not a number",
        Enum word => Enum.IsDefined(word.GetType(), word) ? null : "is not a known word",
        IDictionary all => All(all.Keys, nullability, 0) ?? All(all.Values, nullability, 1),
        IEnumerable all => All(all, nullability, 0),
        _ => value.GetType().Assembly.GetName().Name!.StartsWith("QSim", StringComparison.Ordinal)
            || value.GetType().Assembly == typeof(JsonWhole).Assembly
            ? WhyNot(value)
            : null,
    };

    private static string? All(IEnumerable values, NullabilityInfo nullability, int argument)
    {
        NullabilityInfo? inner = nullability.ElementType
            ?? nullability.GenericTypeArguments.ElementAtOrDefault(argument);
        if (inner is null) return null;
        foreach (object? value in values)
            if (WhyNot(value, inner) is { } reason)
                return reason;
        return null;
    }

    private static Member[] MembersOf(Type type) =>
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p is { CanRead: true, CanWrite: true } && p.GetIndexParameters() is [])
                .Where(p => p.GetCustomAttribute<JsonIgnoreAttribute>()
                    is not { Condition: JsonIgnoreCondition.Always })
                .Select(p => new Member(p, new NullabilityInfoContext().Create(p))),
        ];

    private sealed record Member(PropertyInfo Property, NullabilityInfo Nullability);
}

using QSim.Runner.Output;
using QSim.Silicon.Cost;

namespace QSim.Runner.Silicon.Costs;

/// <summary>
/// Figures by column of both halves of a unit, as the cache has them: anybody may have written it.
/// </summary>
internal static class KnownCosts
{
    /// <summary>No unit has so much of anything; sums over a network stay finite.</summary>
    private const double Most = 1e15;

    /// <summary>The figures; null where they are not those of a unit for the target.</summary>
    public static Dictionary<string, Dictionary<string, double>>? Read(
        byte[] bytes, CostTarget target)
    {
        try
        {
            var read = Json.Parse<Dictionary<string, Dictionary<string, double>>>(bytes);
            return CostUnit.Halves.All(p => read.GetValueOrDefault(p) is { Count: > 0 } figures
                && figures.Keys.All(k => target.Columns.Contains(k))
                && figures.Values.All(v => v is >= 0 and <= Most))
                    ? read
                    : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}

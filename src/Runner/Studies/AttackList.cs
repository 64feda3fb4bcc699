using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods.Settings;

namespace QSim.Runner.Studies;

/// <summary>
/// Attacks by the names and settings that users type; results carry the attack's own name.
/// </summary>
internal static class AttackList
{
    public static IReadOnlyCollection<string> Names { get; } =
        [.. AttackForms.All.Select(f => f.Name)];

    /// <summary>
    /// An attack by name; <c>pgd-20</c> is PGD with 20 steps, <c>square-500</c> Square with 500
    /// queries, <c>pgd:steps=20:loss=dlr</c> PGD with settings.
    /// </summary>
    /// <param name="text">The name, and settings.</param>
    /// <param name="norm">How budgets are measured: AutoAttack is another under L1.</param>
    /// <exception cref="RequestException">There is none of that name, or setting.</exception>
    public static AttackChoice Create(string text, Norm norm)
    {
        try
        {
            return AttackChoice.Parse(text, norm);
        }
        catch (FormatException e)
        {
            throw new RequestException(e.Message);
        }
    }
}

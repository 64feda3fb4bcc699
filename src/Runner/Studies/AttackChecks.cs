using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using QSim.Attacks.Methods.Settings;

namespace QSim.Runner.Studies;

/// <summary>
/// Whether a study's attacks fit what it lets them know, and how it measures budgets.
/// </summary>
internal static class AttackChecks
{
    /// <summary>Checks every attack.</summary>
    /// <exception cref="RequestException">One does not fit.</exception>
    public static void Check(IReadOnlyList<AttackChoice> attacks, StudySettings settings)
    {
        foreach (IAttack attack in attacks.Select(a => a.Attack))
        {
            CheckNorm(attack, settings.Norm);
            foreach (ThreatModel threat in settings.Threats) CheckKnowledge(attack, threat);
        }
    }

    private static void CheckNorm(IAttack attack, Norm norm)
    {
        if (attack.WhyNot(norm) is not { } reason)
            return;
        string others = string.Join(
            ", ",
            Enum.GetValues<Norm>().Where(n => attack.WhyNot(n) is null)
                .Select(n => EnumWord.Of(n)));
        throw new RequestException(
            $"attack '{attack.Name}' does not support norm {EnumWord.Of(norm)}: {reason} "
                + $"(supported: {others}; one study has one norm)");
    }

    private static void CheckKnowledge(IAttack attack, ThreatModel threat)
    {
        Knowledge shown = StudyTargets.Shows(threat);
        if (attack.Needs > shown)
        {
            throw new RequestException(
                $"attack '{attack.Name}' needs {EnumWord.Of(attack.Needs)}, but threat model "
                    + $"'{EnumWord.Of(threat)}' shows only {EnumWord.Of(shown)}");
        }

        if (attack is IDesignAttack && threat != ThreatModel.Hardware)
        {
            throw new RequestException(
                $"attack '{attack.Name}' works from the hardware's design, which only threat model "
                    + $"'hardware' shows, not '{EnumWord.Of(threat)}'");
        }
    }
}

using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using QSim.Runner.CommandLine;
using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Studies;

/// <summary>
/// Whether a study's attacks fit what it lets them know, and how it measures budgets.
/// </summary>
public static class AttackChecks
{
    /// <summary>Of 16-bit images.</summary>
    public const int MostPixelLevels = 65_535;

    /// <summary>Draws of an expectation, at most.</summary>
    public const int MostDraws = 255;

    /// <summary>Checks every attack.</summary>
    /// <exception cref="UsageException">One does not fit.</exception>
    public static void Check(IReadOnlyList<IAttack> attacks, StudySettings settings)
    {
        if (settings.Restarts is < 1 or > 1000)
            throw new UsageException($"restarts {settings.Restarts} (supported: 1..1000)");
        if (settings.PixelLevels is < 1 or > MostPixelLevels)
            throw new UsageException(
                $"pixel levels {settings.PixelLevels} (supported: 1..{MostPixelLevels})");
        if (settings.EotDraws is < 1 or > MostDraws)
            throw new UsageException($"EOT draws {settings.EotDraws} (supported: 1..{MostDraws})");
        foreach (IAttack attack in attacks)
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
            ", ", Enum.GetValues<Norm>().Where(n => attack.WhyNot(n) is null).Select(Words.Lower));
        throw new UsageException(
            $"attack '{attack.Name}' does not know norm {Words.Lower(norm)}: {reason} (supported: "
                + $"{others}; one study has one norm)");
    }

    private static void CheckKnowledge(IAttack attack, ThreatModel threat)
    {
        Knowledge shown = StudyTargets.Shows(threat);
        if (attack.Needs > shown)
        {
            throw new UsageException(
                $"attack '{attack.Name}' needs {Words.Lower(attack.Needs)}, but threat model "
                    + $"'{Words.Lower(threat)}' shows only {Words.Lower(shown)}");
        }

        if (attack is IDesignAttack && threat != ThreatModel.Hardware)
        {
            throw new UsageException(
                $"attack '{attack.Name}' works from the hardware's design, which only threat model "
                    + $"'hardware' shows, not '{Words.Lower(threat)}'");
        }
    }
}

using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods.Adaptive;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Attacks.Methods.Settings;

/// <summary>An attack that somebody chose, with all that makes it.</summary>
/// <param name="Attack">The attack, whose name says what was set.</param>
/// <param name="Settings">
/// Every setting of its form, said or not; <c>restarts</c> only where it was said.
/// </param>
public sealed record AttackChoice(IAttack Attack, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Times that it is made anew; null leaves that to whoever runs it.</summary>
    public int? Restarts => Settings.TryGetValue(RestartsKey, out string? said)
        ? int.Parse(said, CultureInfo.InvariantCulture)
        : null;

    /// <summary>What every attack with random starts has.</summary>
    public const string RestartsKey = "restarts";

    private static readonly AttackSetting RestartSetting = AttackSetting.Whole(
        RestartsKey, 1, "number of random restarts", most: 1000);

    /// <summary>
    /// Reads <c>NAME[-NUMBER][:key=value]...</c>, as in <c>pgd-20</c>, <c>square-500</c> (queries)
    /// or <c>pgd:steps=20:step=0.1:loss=scaled</c>.
    /// </summary>
    /// <param name="text">What somebody wrote.</param>
    /// <param name="norm">How budgets are measured: AutoAttack is another under L1.</param>
    /// <exception cref="FormatException">It is no attack; the message says why.</exception>
    public static AttackChoice Parse(string text, Norm norm = Norm.Linf)
    {
        if (AdaptiveDesignAttack.Ablated(text) is { } ablated)
            return new(ablated, new Dictionary<string, string>());
        string[] parts = text.Split(':');
        (AttackForm form, string? number) = FindForm(parts[0]);
        var said = new Dictionary<string, string>();
        if (number is not null) Set(said, form, form.Number!, number);
        foreach (string part in parts.Skip(1))
        {
            int at = part.IndexOf('=');
            if (at < 1)
                throw new FormatException(
                    $"attack '{form.Name}': '{part}' is not a setting (supported: key=value, keys "
                        + $"{string.Join(", ", Keys(form))})");
            Set(said, form, part[..at], part[(at + 1)..]);
        }

        return Make(form, said, norm);
    }

    private static AttackChoice Make(
        AttackForm form, Dictionary<string, string> said, Norm norm)
    {
        Dictionary<string, string> all = form.Settings.ToDictionary(
            s => s.Key, s => said.GetValueOrDefault(s.Key, s.Default));
        string name = form.Name;
        bool IsOther(AttackSetting s) => all[s.Key] != s.Default;
        if (form.Number is { } number && (form.IsAlwaysNumbered || IsOther(form.Find(number)!)))
            name += "-" + all[number];
        foreach (AttackSetting s in form.Settings.Where(s => s.Key != form.Number && IsOther(s)))
            name += $":{s.Key}={all[s.Key]}";
        if (said.TryGetValue(RestartsKey, out string? restarts))
        {
            all[RestartsKey] = restarts;
            name += $":{RestartsKey}={restarts}";
        }

        IAttack attack = form.Make(new(name, norm, all));
        return attack.IsDeterministic && restarts is not null
            ? throw new FormatException(
                $"attack '{form.Name}' does not start at random: restarts would repeat the same "
                    + "result")
            : new(attack, all);
    }

    private static (AttackForm Form, string? Number) FindForm(string name)
    {
        if (AttackForms.All.FirstOrDefault(f => f.Name == name) is { } whole) return (whole, null);
        int dash = name.LastIndexOf('-');
        if (dash > 0
            && AttackForms.All.FirstOrDefault(f => f.Name == name[..dash]) is { Number: { } key }
                form
            && form.Find(key)!.Canonical(name[(dash + 1)..]) is { } number)
            return (form, number);
        string[] names = [.. AttackForms.All.Select(f => f.Name)];
        throw new FormatException(
            $"unknown attack '{name}'{Suggestion.Hint(name, names)} (supported: "
                + $"{string.Join(", ", names)}; also pgd-20, pgd:steps=20:loss=dlr)");
    }

    private static void Set(
        Dictionary<string, string> said, AttackForm form, string key, string value)
    {
        AttackSetting setting =
            (key == RestartsKey ? RestartSetting : form.Find(key))
            ?? throw new FormatException(
                $"attack '{form.Name}' has no setting '{key}'{Suggestion.Hint(key, Keys(form))} "
                    + $"(supported: {string.Join(", ", Keys(form))})");
        string canonical = setting.Canonical(value)
            ?? throw new FormatException(
                $"attack '{form.Name}': {key} '{value}' (supported: {setting.Supported})");
        if (!said.TryAdd(key, canonical))
            throw new FormatException($"attack '{form.Name}': {key} is given twice");
    }

    private static IEnumerable<string> Keys(AttackForm form) =>
        form.Settings.Select(s => s.Key).Append(RestartsKey);
}

namespace QSim.Attacks.Evaluation.Checks;

/// <summary>What one attack under one budget did to one classifier: what the checks look at.</summary>
public sealed record Observation
{
    /// <summary>The classifier.</summary>
    public required string Target { get; init; }

    /// <summary>The attack's name.</summary>
    public required string Attack { get; init; }

    /// <summary>What the attacker knew.</summary>
    public required ThreatModel Threat { get; init; }

    /// <summary>What the attack looked at.</summary>
    public required Knowledge Needs { get; init; }

    /// <summary>Whether it took a single gradient.</summary>
    public bool IsSingleStep { get; init; }

    /// <summary>What it was allowed to do.</summary>
    public required Budget Budget { get; init; }

    /// <summary>Images classified right when clean and after the attack.</summary>
    public required int Standing { get; init; }

    /// <summary>Images in all.</summary>
    public required int Images { get; init; }

    /// <summary>Images attacked all of whose gradients were zero.</summary>
    public int WithoutGradient { get; init; }

    /// <summary>Attempts at an image that stood.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>Images that only the last attempt broke.</summary>
    public int BrokenByLastAttempt { get; init; }

    /// <summary>Images whose verdict differed between two looks at the same pixels.</summary>
    public int Undecided { get; init; }

    /// <summary>Share of images standing, 0..1.</summary>
    public double Accuracy => (double)Standing / Images;

    /// <summary>The observations of a result: one per judge.</summary>
    public static IEnumerable<Observation> Of(RobustnessResult result) => result.Judges.Select(judge => new Observation
    {
        Target = judge.Name,
        Attack = result.Attack,
        Threat = result.Threat,
        Needs = result.Needs,
        IsSingleStep = result.IsSingleStep,
        Budget = result.Budget,
        Standing = judge.RobustRight,
        Images = judge.Labels.Length,
        WithoutGradient = result.Images.Count(i => i.GradientQueries > 0 && i.ZeroGradients == i.GradientQueries),
        Attempts = result.Attempts,
        BrokenByLastAttempt = result.Attempts < 2
            ? 0
            : result.Images.Count(i => i.BrokenAtAttempt == result.Attempts - 1),
        Undecided = result.Threat == ThreatModel.Transfer || judge.Name != result.Source
            ? 0
            : result.Images.Where((image, i) => image.WasAttacked
                && image.FooledSource != (judge.AdversarialClasses[i] != judge.Labels[i])).Count(),
    });
}

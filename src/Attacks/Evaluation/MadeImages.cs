namespace QSim.Attacks.Evaluation;

/// <summary>What an attack made of images.</summary>
/// <param name="Pixels">The images as the attack left them.</param>
/// <param name="Outcomes">Per image.</param>
internal sealed record MadeImages(float[] Pixels, ImageOutcome[] Outcomes)
{
    /// <summary>The same with images beyond a budget given back unchanged, as not broken.</summary>
    public MadeImages Within(Budget budget, LabelledImages images)
    {
        if (Outcomes.All(o => o.Distance <= budget.Epsilon.Value)) return this;
        float[] pixels = [.. Pixels];
        ImageOutcome[] outcomes = [.. Outcomes];
        for (int i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Distance <= budget.Epsilon.Value) continue;
            images.Image(i).CopyTo(pixels.AsSpan(i * images.Shape.Length));
            outcomes[i] = outcomes[i] with
            {
                FooledSource = false,
                Distance = 0,
                BrokenAtAttempt = -1,
            };
        }

        return this with { Pixels = pixels, Outcomes = outcomes };
    }
}

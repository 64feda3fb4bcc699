using QSim.Kernels.Datapath;

namespace QSim.Runner.Studies;

/// <summary>What did not fit when a network was quantized, in words.</summary>
internal static class ParameterText
{
    /// <summary>What the counts mean.</summary>
    public const string Legend =
        "Counted once, when the network was quantized: weights, biases and table entries outside "
            + "their format, which saturated or wrapped; multipliers too small for the hardware's, "
            + "which became 0; output channels whose weights all became 0.";

    /// <summary>What such a loss means for a study.</summary>
    public const string Consequence =
        "Figures are of the parameters that were left; events.csv says in which layers.";

    /// <summary>What the parameters of a stage are called.</summary>
    public static string NameOf(string stage) => stage switch
    {
        ParameterEvents.Weight => "weights",
        ParameterEvents.Bias => "biases",
        ParameterEvents.Multiplier => "multipliers",
        ParameterEvents.Channel => "channels",
        _ => "table entries",
    };

    /// <summary>A sentence per profile that lost something; none where nothing was.</summary>
    public static IEnumerable<string> Losses(IEnumerable<StageCount> events) =>
        from count in events.Where(CleanEvents.IsOfParameters)
        group count by count.Profile into profile
        select $"Quantizing the network for {profile.Key} did not keep all parameters: "
            + $"{string.Join(", ", profile.GroupBy(c => c.Stage).Select(Loss))}.";

    /// <summary>Of one program: a sentence per layer and stage.</summary>
    public static IEnumerable<string> Losses(QuantizedProgram program) =>
        program.ParameterEvents.Select(e =>
            $"{program.Layers[e.Layer].Name}: {e.Overflowed} of {e.Count} {NameOf(e.Stage)} "
                + (e.Stage switch
                {
                    ParameterEvents.Channel => "have only weights that became 0",
                    ParameterEvents.Multiplier => "became 0: too small for the hardware's",
                    _ => "left their format's range",
                })
                + " when the network was quantized");

    private static string Loss(IGrouping<string, StageCount> counts) =>
        $"{counts.Sum(c => c.Overflowed)} of {counts.Sum(c => c.Elements)} {NameOf(counts.Key)}";
}

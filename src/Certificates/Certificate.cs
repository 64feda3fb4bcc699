namespace QSim.Certificates;

/// <summary>What is known of one image under one budget.</summary>
public enum Verdict
{
    /// <summary>The clean image is classified wrong: there is nothing to prove.</summary>
    Wrong,

    /// <summary>No allowed input changes the decision.</summary>
    Proved,

    /// <summary>An allowed input does, and the hardware was run on it.</summary>
    Broken,

    /// <summary>Neither.</summary>
    Undecided,
}

/// <summary>What bounds alone say.</summary>
/// <param name="IsProved">Whether every input of the box has the label.</param>
/// <param name="Blame">The stage that was too loose; null where proved.</param>
public sealed record BoundsResult(bool IsProved, string? Blame);

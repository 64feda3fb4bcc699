using System.Collections.Immutable;

namespace QSim.Kernels.Backends;

/// <summary>What one run should do besides computing outputs.</summary>
public sealed record RunOptions
{
    /// <summary>Outputs only.</summary>
    public static RunOptions Default { get; } = new();

    /// <summary>Outputs and events.</summary>
    public static RunOptions WithEvents { get; } = new() { CollectEvents = true };

    /// <summary>Count overflows and inexact conversions per layer, stage and channel.</summary>
    public bool CollectEvents { get; init; }

    /// <summary>
    /// Tensors whose raw values to return: 0 is the input, i + 1 the output of layer i.
    /// </summary>
    public ImmutableArray<int> Taps { get; init; } = [];

    /// <summary>
    /// Index of the batch's first image in its dataset: the key of stochastic rounding and of first
    /// offenders, so that results do not depend on how images are batched.
    /// </summary>
    public long FirstImage { get; init; }

    /// <summary>Most threads to use; 0 lets the backend choose.</summary>
    public int Threads { get; init; }
}

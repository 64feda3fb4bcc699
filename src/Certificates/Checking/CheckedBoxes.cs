namespace QSim.Certificates.Checking;

/// <summary>Where an argument lies, and how far it may be from its form.</summary>
/// <param name="Low">Its least.</param>
/// <param name="High">Its most.</param>
/// <param name="Down">How far below the form, 0 or more.</param>
/// <param name="Up">How far above the form, 0 or more.</param>
internal readonly record struct CheckedArgument(
    Int128 Low, Int128 High, long Down = 0, long Up = 0);

/// <summary>Where the arguments of a layer lie.</summary>
internal sealed class CheckedArguments(int outputs)
{
    /// <summary>Their least.</summary>
    public long[] Low { get; } = new long[outputs];

    /// <summary>Their most.</summary>
    public long[] High { get; } = new long[outputs];

    /// <summary>How far below their forms.</summary>
    public long[] Down { get; } = new long[outputs];

    /// <summary>How far above their forms.</summary>
    public long[] Up { get; } = new long[outputs];
}

/// <summary>The least and the largest value of each tensor of a program.</summary>
internal sealed class CheckedBoxes(int tensors)
{
    /// <summary>By tensor.</summary>
    public long[][] Low { get; } = new long[tensors][];

    /// <summary>By tensor.</summary>
    public long[][] High { get; } = new long[tensors][];
}

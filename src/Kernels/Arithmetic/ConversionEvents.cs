namespace QSim.Kernels.Arithmetic;

/// <summary>What a conversion did to a value: flags that one output element collects.</summary>
[Flags]
internal enum ConversionEvents
{
    /// <summary>The value survived unchanged.</summary>
    None = 0,

    /// <summary>
    /// The rounded value lay outside the target's range (for SAT_SYM: its symmetric range).
    /// </summary>
    Overflowed = 1,

    /// <summary>A dropped bit was set.</summary>
    Inexact = 2,
}

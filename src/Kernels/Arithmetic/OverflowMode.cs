namespace QSim.Kernels.Arithmetic;

/// <summary>What happens to a rounded value outside the target format's range.</summary>
public enum OverflowMode
{
    /// <summary>The nearest end of the range (SAT).</summary>
    Saturate,

    /// <summary>Zero (SAT_ZERO).</summary>
    SaturateToZero,

    /// <summary>
    /// The nearest end of the symmetric range [-(2^(W-1)-1), 2^(W-1)-1]; a representable
    /// -2^(W-1) is moved too (SAT_SYM).
    /// </summary>
    SaturateSymmetric,

    /// <summary>The low W bits, some replaced when there are saturation bits (WRAP).</summary>
    Wrap,

    /// <summary>Sign-magnitude wrap, signed formats only (WRAP_SM).</summary>
    WrapSignMagnitude,
}

/// <summary>
/// The two families of reference implementations, which differ only for <c>WRAP</c> of a negative
/// value into an unsigned format with saturation bits, and for the deleted bit of <c>WRAP_SM</c>.
/// </summary>
public enum OverflowDialect
{
    /// <summary>AMD ap_fixed and Siemens ac_fixed.</summary>
    Ap,

    /// <summary>Accellera SystemC sc_fixed.</summary>
    SystemC,
}

namespace QSim.Runner.Silicon.Costs;

/// <summary>
/// Picojoules of single operations in a 45 nm process at 0.9 V: M. Horowitz, "Computing's energy
/// problem (and what we can do about it)", ISSCC 2014, figure 1.1.9.
/// </summary>
/// <param name="OnChip">A bit that is read or written on the chip.</param>
/// <param name="OffChip">A bit that comes from or goes to DRAM.</param>
internal sealed record EnergyConstants(double OnChip, double OffChip)
{
    /// <summary>Where the constants are from.</summary>
    public const string Source = "M. Horowitz, ISSCC 2014, fig. 1.1.9 (45 nm, 0.9 V)";

    private const int AccessBits = 64;

    /// <summary>An 8 KB SRAM gives 64 bits for 10 pJ.</summary>
    public const double HorowitzOnChip = 10.0 / AccessBits;

    /// <summary>DRAM gives 64 bits for 1300 to 2600 pJ; the lower.</summary>
    public const double HorowitzOffChip = 1300.0 / AccessBits;

    /// <summary>Both as Horowitz has them.</summary>
    public static EnergyConstants Horowitz { get; } = new(HorowitzOnChip, HorowitzOffChip);

    /// <summary>
    /// An integer multiplication: 0.2 pJ of 8 bits, 3.1 pJ of 32, between them by the product of
    /// widths.
    /// </summary>
    public static double Multiply(int a, int b) => Between(a * b, 64, 0.2, 1024, 3.1);

    /// <summary>
    /// An integer addition: 0.03 pJ of 8 bits, 0.1 pJ of 32, between them by the width.
    /// </summary>
    public static double Add(int bits) => Between(bits, 8, 0.03, 32, 0.1);

    private static double Between(double at, double x, double y, double x2, double y2) =>
        y + ((at - x) * (y2 - y) / (x2 - x));
}

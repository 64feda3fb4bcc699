namespace QSim.Runner.Reports.Sections;

/// <summary>Which of several budgets a report shows where there is room for one.</summary>
internal static class Budgets
{
    /// <summary>
    /// The middle one tells most: small ones break nothing, large ones everything.
    /// </summary>
    /// <param name="count">How many there are, in ascending order.</param>
    public static int Middle(int count) => (count - 1) / 2;
}

using FsCheck;
using FsCheck.Fluent;

namespace QSim.Kernels.Tests.Properties;

/// <summary>
/// Runs a property on other random values in every run; a failure prints the replay seed.
/// </summary>
internal static class Property
{
    /// <summary>Checks a property of a seed, from which the test draws whatever it needs.</summary>
    public static void ForAllSeeds(int runs, Action<int> property) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(runs).WithQuietOnSuccess(true),
            Prop.ForAll(
                Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => Holds(property, seed))
        );

    private static FsCheck.Property Holds(Action<int> property, int seed)
    {
        try
        {
            property(seed);
            return true.ToProperty();
        }
        catch (Xunit.Sdk.XunitException e)
        {
            return false.Label($"seed {seed}: {e.Message}");
        }
    }
}

using FsCheck;
using FsCheck.Fluent;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Properties;

/// <summary>
/// Runs a property on other choices in every run; a failure prints the simplest choices that fail,
/// and how to replay them.
/// </summary>
internal static class Property
{
    /// <summary>As many times the runs, for who looks for a rare failure.</summary>
    private static readonly int Times =
        Environment.GetEnvironmentVariable("QSIM_PROPERTIES") is not { Length: > 0 } text ? 1
        : int.TryParse(text, out int n) && n > 0 ? n
        : throw new FormatException($"QSIM_PROPERTIES: '{text}' is no whole number of at least 1");

    /// <summary>A property that comes to a case less often than this says nothing.</summary>
    private const int LeastOneIn = 10;

    /// <summary>Checks a property of whatever the test chooses.</summary>
    public static void ForAll(int runs, Action<Choices> property)
    {
        int cases = 0;
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(runs * Times).WithQuietOnSuccess(true),
            Prop.ForAll(Tape.Any, tape => Holds(property, tape, ref cases)));
        Assert.True(
            cases >= runs * Times / LeastOneIn, $"{runs * Times} choices came to {cases} cases");
    }

    private static FsCheck.Property Holds(Action<Choices> property, ulong[] tape, ref int cases)
    {
        try
        {
            property(new(new Tape(tape)));
            cases++;
            return true.ToProperty();
        }
        catch (NoCaseException)
        {
            return true.ToProperty();
        }
        catch (Xunit.Sdk.XunitException e)
        {
            return false.Label(e.Message);
        }
    }
}

/// <summary>The choices come to nothing that could be tested.</summary>
internal sealed class NoCaseException : Exception;

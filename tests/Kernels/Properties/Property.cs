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
        int.TryParse(Environment.GetEnvironmentVariable("QSIM_PROPERTIES"), out int n) ? n : 1;

    /// <summary>Checks a property of whatever the test chooses.</summary>
    public static void ForAll(int runs, Action<Choices> property) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(runs * Times).WithQuietOnSuccess(true),
            Prop.ForAll(Tape.Any, tape => Holds(property, tape)));

    private static FsCheck.Property Holds(Action<Choices> property, ulong[] tape)
    {
        try
        {
            property(new(new Tape(tape)));
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

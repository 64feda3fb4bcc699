using QSim.Attacks.Evaluation;

namespace QSim.Runner.Studies.Certifying;

/// <summary>What a study asks to be proved: its <c>certify</c>.</summary>
/// <param name="Method">How to decide.</param>
/// <param name="Nodes">
/// Branches that the search bounds for an image at most: a limit that is the same on every machine.
/// </param>
/// <param name="Seconds">
/// Its time for an image at most. An image that it cuts short may be decided on a faster machine.
/// </param>
internal sealed record StudyCertification(CertifyMethod Method, int Nodes, int Seconds)
{
    /// <summary>What a study that says no more gets.</summary>
    public static StudyCertification Usual { get; } = new(CertifyMethod.Complete, 200, 30);

    /// <summary>The name of bounds among the cells of a study.</summary>
    public const string Bounds = "certify-bounds";

    /// <summary>The name of the search.</summary>
    public const string Search = "certify-search";

    /// <summary>Whether a cell is one of certificates, by the name of its attack.</summary>
    public static bool IsOne(string attack) => attack is Bounds or Search;

    /// <summary>Refuses what cannot be proved.</summary>
    /// <exception cref="RequestException">A study asks for it.</exception>
    public static void Check(StudySettings study)
    {
        if (study.Certify is { } how) Check(how.Method, study.Norm);
    }

    /// <summary>Refuses a search under another norm than L-infinity.</summary>
    /// <exception cref="RequestException">It is asked for.</exception>
    public static void Check(CertifyMethod method, Norm norm)
    {
        if (method == CertifyMethod.Complete && norm != Norm.Linf)
            throw new RequestException(
                $"certify complete is for budgets under linf (supported under "
                    + $"{EnumWord.Of(norm)}: certify bounds)");
    }

    /// <summary>What decides about its verdicts, for the names of cells.</summary>
    public IEnumerable<string> Limits() =>
        [EnumWord.Of(Method), $"{Nodes} nodes", $"{Seconds} s"];
}

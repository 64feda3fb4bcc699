using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Studies.Certifying;

namespace QSim.Runner.Commands;

/// <summary>What <c>qsim certify</c> is asked beside a network on hardware and budgets.</summary>
/// <param name="Method">How to decide.</param>
/// <param name="Seconds">The most time for an image.</param>
/// <param name="Nodes">The most branches for an image; null for any number.</param>
/// <param name="Threads">Images at once.</param>
/// <param name="PrintJson">Whether results are a document.</param>
/// <param name="Certificates">Where certificates go; null for nowhere.</param>
/// <param name="DataFolder">Where datasets are; null for the usual places.</param>
/// <param name="Cache">Where trained networks are; null for none.</param>
internal sealed record CertifySettings(
    CertifyMethod Method, double Seconds, int? Nodes, int Threads, bool PrintJson,
    string? Certificates, string? DataFolder, string? Cache);

/// <summary>The options of <c>qsim certify</c>.</summary>
internal sealed class CertifyOptions
{
    private const double MostSeconds = 1_000_000, UsualSeconds = 10;

    private readonly Option<string?> _method = new("--certify")
    {
        Description =
            "How to decide: 'bounds' (proves only, fast) or 'complete' (searches as well; default: "
                + "the study's, or complete).",
        HelpName = "method",
    };

    private readonly Option<double?> _seconds = NumberOption.Optional(
        "--seconds", "n",
        "Most time for an image of the search (default: the study's, or "
            + FormattableString.Invariant($"{UsualSeconds})."));

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Images at once; 0 is one per core.",
        HelpName = "n",
    };

    private readonly Option<string?> _certificates = new("--certificates")
    {
        Description =
            "Write there what is decided of each image (certificates, counterexamples), and take "
                + "what is there; 'qsim certify check' checks it.",
        HelpName = "folder",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print a document with every image instead of the table.",
    };

    private readonly Option<bool> _quiet = CommonOptions.Quiet();
    private readonly Option<string?> _folder = CommonOptions.DataFolder();
    private readonly Option<string?> _cache = CommonOptions.Cache();

    /// <summary>All of them, in the order in which help shows them.</summary>
    public IEnumerable<Option> All =>
        [_method, _seconds, _threads, _certificates, _folder, _cache, _json, _quiet];

    /// <summary>What was typed, and what a study says where it was not.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="study">What the study asks to be proved; null for nothing.</param>
    /// <exception cref="RequestException">A value is impossible.</exception>
    public CertifySettings Read(ParseResult parsed, StudyCertification? study)
    {
        double seconds = parsed.GetValue(_seconds) ?? study?.Seconds ?? UsualSeconds;
        if (!(seconds is > 0 and <= MostSeconds))
            throw new RequestException(
                FormattableString.Invariant(
                    $"--seconds {seconds} (supported: more than 0, up to {MostSeconds})"));
        int threads = CommonOptions.Checked(parsed.GetValue(_threads));
        CertifyMethod method = parsed.GetValue(_method) is { } typed
            ? EnumWord.Parse<CertifyMethod>("--certify", typed)
            : study?.Method ?? CertifyMethod.Complete;
        if (method == CertifyMethod.Bounds && parsed.GetValue(_certificates) is not null)
            throw new RequestException("--certificates needs --certify complete");
        return new(
            method, seconds, study?.Nodes,
            threads == 0 ? Environment.ProcessorCount : threads, parsed.GetValue(_json),
            parsed.GetValue(_certificates), parsed.GetValue(_folder), parsed.GetValue(_cache));
    }
}

using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary>
/// The options of <c>qsim run</c> that change how it works, and nothing in its results.
/// </summary>
internal sealed class SessionOptionList
{
    private readonly Option<string?> _output = Text(
        "--out",
        "folder",
        "Folder for the results (default: runs/ and the time). An unfinished run of the same study "
            + "in it goes on, and without --out the newest in runs/ that has no name.");

    private readonly Option<bool> _overwrite = Flag(
        "--overwrite", "Discard the run that the folder holds, and start again.");
    private readonly Option<bool> _dry = Flag(
        "--dry-run", "Say what would be done and how long it may take, and do nothing.");
    private readonly Option<string?> _shard = Text(
        "--shard", "i/n",
        "Do the i-th of n parts, each in its own --out; put them together with 'qsim merge'.");

    private readonly Option<string?> _cache = Text(
        "--cache",
        "folder",
        "Folder of trained networks and shared images, for several runs (default: in the run's "
            + "own).");

    private readonly Option<string?> _images = Text(
        "--save-images",
        "folder",
        "Write adversarial images there, one npz per target, attack and epsilon (x_adv, images, "
            + "labels, outcome, distance, raw, ...); 'qsim attack-check' judges them again.");

    private readonly Option<bool> _png = Flag(
        "--save-png", "With --save-images: also write the images that fooled the target as PNG.");
    private readonly Option<bool> _json = Flag(
        "--json", "Print results.json instead of the table.");
    private readonly Option<bool> _quiet = CommonOptions.Quiet();

    private readonly Option<double?> _minutes = NumberOption.Optional(
        "--max-minutes", "n", "Stop after so many minutes; the same command goes on later.");

    /// <summary>All of them, in the order in which help shows them.</summary>
    public IEnumerable<Option> All =>
        [
            _output, _overwrite, _dry, _shard, _minutes, _cache, _images, _png, _json, _quiet,
        ];

    /// <summary>Those that a search has, too.</summary>
    public IEnumerable<Option> OfSearch =>
        [_output, _overwrite, _dry, _minutes, _json, _quiet];

    /// <summary>What was typed.</summary>
    /// <exception cref="RequestException">A value is impossible.</exception>
    public SessionOptions Read(ParseResult parsed) => new()
    {
        CommandLine = [.. parsed.Tokens.Select(t => t.Value)],
        OutputFolder = parsed.GetValue(_output),
        CacheFolder = parsed.GetValue(_cache),
        Overwrite = parsed.GetValue(_overwrite),
        SaveImages = parsed.GetValue(_images),
        SavePng = CheckPng(parsed.GetValue(_png), parsed.GetValue(_images)),
        PrintJson = parsed.GetValue(_json),
        IsDryRun = parsed.GetValue(_dry),
        Shard = parsed.GetValue(_shard) is { } shard ? ShardOption.Parse(shard) : Shard.Whole,
        MaxMinutes = parsed.GetValue(_minutes) is { } minutes ? CheckMinutes(minutes) : null,
    };

    private static bool CheckPng(bool isWanted, string? folder) =>
        !isWanted || folder is not null
            ? isWanted
            : throw new RequestException("--save-png needs --save-images, which names the folder");

    private static double CheckMinutes(double minutes) =>
        minutes is > 0 and <= 100_000
            ? minutes
            : throw new RequestException(
                FormattableString.Invariant(
                    $"--max-minutes {minutes} (supported: above 0, at most 100000)"));

    private static Option<bool> Flag(string name, string description) =>
        new(name) { Description = description };

    private static Option<string?> Text(string name, string help, string description) => new(name)
    {
        Description = description,
        HelpName = help,
    };
}

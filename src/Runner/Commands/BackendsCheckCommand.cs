using System.CommandLine;
using System.Globalization;
using QSim.Kernels.Backends;
using QSim.Runner.CommandLine;
using QSim.Runner.Devices;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary>
/// <c>qsim backends check</c>: whether a device gives the reference's bits, and how fast.
/// </summary>
internal static class BackendsCheckCommand
{
    private const string Help = """
          qsim backends check                      every GPU of this machine, or simd where there is none
          qsim backends check cuda:0 --minutes 5   go on with random programs for five minutes
          qsim backends check cuda:0 --json        for a log

        Values, events and taps of every case have to equal the reference's: every shipped profile,
        every law of the accumulator, batches, filters and depths around the edges of tiles, depths 1 to
        257, programs of float32 numbers, then random programs over every layer type and mode. Throughput
        is measured where all is equal.

        Exit codes: 0 everything is equal, 1 something differs, 2 there is no such backend here.
        """;

    public static Command Create(Screen screen)
    {
        var names = new Argument<string[]>("name")
        {
            Description = "Backends, as 'qsim backends' lists them.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<double> minutes = NumberOption.Of(
            "--minutes", "minutes",
            "How long each backend's comparison goes on with random programs.", usual: 1);
        var seed = new Option<int>("--seed")
        {
            Description = "Random seed of the first random program.",
            HelpName = "number",
        };
        var shard = new Option<string?>("--shard")
        {
            Description = "Check the i-th of n parts: as many processes compile side by side.",
            HelpName = "i/n",
        };
        var noRates = new Option<bool>("--no-rates")
        {
            Description = "Compare only: shards side by side would slow each other's measurement.",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of tables." };
        var command = new Command(
            "check", "Compare backends with the reference, bit by bit, and measure them.")
        {
            names, minutes, seed, shard, noRates, json, CommonOptions.Quiet(),
        };
        Examples.AddTo(command, Help);
        command.SetAction((parsed, cancellation) => Task.FromResult((int)Check(
            screen, Chosen(parsed.GetValue(names) ?? []),
            new(
                Limit(parsed.GetValue(minutes)), parsed.GetValue(seed),
                parsed.GetValue(shard) is { } part ? ShardOption.Parse(part) : Shard.Whole,
                Measures: !parsed.GetValue(noRates)),
            parsed.GetValue(json), cancellation)));
        return command;
    }

    private static ExitCode Check(
        Screen screen, IReadOnlyList<IBackend> backends, Request request, bool json,
        CancellationToken cancellation)
    {
        BackendReport[] reports =
            [.. backends.Select(b => Check(screen, b, request, cancellation))];
        if (json) screen.Out.Write(Json.Of(reports));
        else foreach (BackendReport report in reports) BackendReportText.Write(report, screen);
        return reports.All(r => r.IsEqual) ? ExitCode.Done : ExitCode.GateFailed;
    }

    private static BackendReport Check(
        Screen screen, IBackend backend, Request request, CancellationToken cancellation)
    {
        var check = new BackendCheck(backend, request.Seed, request.Limit, request.Shard)
        {
            Failed = f => screen.Note($"{f.Group}, program '{f.Program}': {f.What}"),
        };
        TimeSpan took = default;
        ProgressDisplay.Run(
            screen,
            progress => took = check.Run(BackendCheck.Fixed, progress, cancellation));
        return new(
            backend.Name, backend.Description, request.Seed, Math.Round(took.TotalSeconds, 1),
            check.Groups, check.First,
            request.Measures && check.First is null
                ? DeviceRates.Measure(backend, cancellation)
                : [],
            backend.Facts);
    }

    private static IReadOnlyList<IBackend> Chosen(string[] names)
    {
        if (names.Length > 0) return [.. names.Select(Usable)];
        IBackend[] usable = [.. BackendList.All.Where(b => b.WhyUnavailable is null)];
        IBackend[] devices = [.. usable.SkipWhile(b => b.Name != "simd").Skip(1)];
        return devices.Length > 0 ? devices : [usable.Single(b => b.Name == "simd")];
    }

    private static IBackend Usable(string name)
    {
        IBackend backend = BackendList.Find(name) ?? throw new RequestException(
            $"unknown backend '{name}' (here are "
                + $"{string.Join(", ", BackendList.All.Select(b => b.Name))})");
        return backend.WhyUnavailable is { } reason
            ? throw new RequestException($"{backend.Name}: {reason}")
            : backend;
    }

    private static TimeSpan Limit(double minutes) =>
        minutes is >= 0 and <= 10_000
            ? TimeSpan.FromMinutes(minutes)
            : throw new RequestException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"--minutes {minutes} (supported: 0..10000)"));

    private sealed record Request(TimeSpan Limit, int Seed, Shard Shard, bool Measures);
}

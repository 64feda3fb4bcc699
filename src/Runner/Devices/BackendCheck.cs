using System.Collections.Concurrent;
using System.Diagnostics;
using QSim.Kernels.Backends;
using QSim.Kernels.Conformance;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;
using QSim.Simulator.Conformance;

namespace QSim.Runner.Devices;

/// <summary>
/// A backend against the reference: fixed cases first, then random programs until time is up.
/// </summary>
/// <param name="backend">The backend.</param>
/// <param name="seed">Of the first random program.</param>
/// <param name="limit">How long random programs go on; fixed cases are run in any case.</param>
/// <param name="shard">Of all cases, those that are run.</param>
internal sealed class BackendCheck(IBackend backend, int seed, TimeSpan limit, Shard shard)
{
    /// <summary>The cases that every check runs.</summary>
    public static IEnumerable<ConformanceCase> Fixed =>
    [
        .. ShippedCases.All(), .. ConformanceCases.Laws(), .. ConformanceCases.TileEdges(),
        .. ConformanceCases.Depths(), .. ConformanceCases.Numbers(),
    ];

    private const int FewestRandom = 20;

    /// <summary>Compiling takes most of a check: each worker has a session of its own.</summary>
    private static readonly int Workers = Math.Clamp(Environment.ProcessorCount, 1, 8);

    private readonly ConcurrentBag<IBackend> _idle =
        [.. Enumerable.Range(0, Workers).Select(backend.Apart)];

    private readonly Dictionary<string, GroupCount> _groups = [];

    /// <summary>The first case that failed; null where everything is equal.</summary>
    public CaseFailure? First { get; private set; }

    /// <summary>Counts, in the order in which cases ran.</summary>
    public IReadOnlyList<GroupCount> Groups => [.. _groups.Values];

    /// <summary>Told at once of a case that failed.</summary>
    public Action<CaseFailure>? Failed { get; init; }

    /// <summary>Runs cases, then random programs.</summary>
    /// <param name="cases">What is run in any case.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <returns>How long it took.</returns>
    public TimeSpan Run(
        IEnumerable<ConformanceCase> cases, IProgressSink progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        ConformanceCase[] always = [.. Mine(cases)];
        int batch = 4 * Workers;
        progress.Begin($"{backend.Name}: {always.Length} fixed cases");
        for (int done = 0; done < always.Length; done += batch)
        {
            Add([.. always.Skip(done).Take(batch)], cancellation);
            progress.Report(
                Math.Min(1, (done + batch) / (double)always.Length), always[done].Group);
        }

        progress.Begin($"{backend.Name}: random programs from seed {seed}");
        IEnumerator<ConformanceCase> random = Mine(ConformanceCases.Random(seed)).GetEnumerator();
        for (int done = 0; done < FewestRandom || clock.Elapsed < limit;)
        {
            int count = done < FewestRandom ? FewestRandom : batch;
            List<ConformanceCase> next = [];
            while (next.Count < count && random.MoveNext()) next.Add(random.Current);
            Add([.. next], cancellation);
            done += count;
            progress.Report(limit > TimeSpan.Zero ? Math.Min(1, clock.Elapsed / limit) : 1, "");
        }

        return clock.Elapsed;
    }

    private IEnumerable<ConformanceCase> Mine(IEnumerable<ConformanceCase> cases) =>
        cases.Where((_, i) => shard.Has(i));

    /// <summary>Cases side by side, counted in their order.</summary>
    private void Add(ConformanceCase[] cases, CancellationToken cancellation)
    {
        var refused = new bool[cases.Length];
        var failures = new CaseFailure?[cases.Length];
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Workers,
            CancellationToken = cancellation,
        };
        Parallel.For(0, cases.Length, options, i =>
        {
            if (!_idle.TryTake(out IBackend? mine)) mine = backend;
            refused[i] = mine.WhyNot(cases[i].Program) is not null;
            if (!refused[i]) failures[i] = Compare(cases[i], mine);
            if (failures[i] is { } failure) Failed?.Invoke(failure);
            _idle.Add(mine);
        });
        for (int i = 0; i < cases.Length; i++) Count(cases[i].Group, refused[i], failures[i]);
    }

    private void Count(string group, bool refused, CaseFailure? failure)
    {
        GroupCount so = _groups.GetValueOrDefault(group) ?? new(group, 0, 0, 0);
        First ??= failure;
        _groups[group] = refused
            ? so with { Refused = so.Refused + 1 }
            : so with
            {
                Cases = so.Cases + 1,
                Different = so.Different + (failure is null ? 0 : 1),
            };
    }

    /// <summary>
    /// Whatever a driver or a compiler throws at a program is what the check is there to find.
    /// </summary>
    private static CaseFailure? Compare(ConformanceCase one, IBackend backend)
    {
        try
        {
            return one.Against(backend) is { } difference
                ? new(one.Group, one.Program.Name, one.Images, difference.ToString(), difference)
                : null;
        }
        catch (Exception e)
        {
            string what = e is DeviceException ? e.Message : $"{e.GetType().Name}: {e.Message}";
            return new(one.Group, one.Program.Name, one.Images, what, null);
        }
    }
}

using System.Diagnostics;
using System.Globalization;

namespace QSim.Fuzz;

/// <summary>
/// <c>qsim-fuzz [--mutants N] [--seed S] [--from N] [--in-process] [FORMAT...]</c>: damages files
/// of every format, reads them and runs what can be read, under guard pages. Exit code 1 where
/// anything but one clear line came of a mutant.
/// </summary>
internal static class Program
{
    private const int MostFailures = 200;

    /// <summary>
    /// Mutants of one process: every command line leaves its tree of options behind, and each
    /// later one walks past all of them.
    /// </summary>
    private const int MostOfAProcess = 1000;

    private static int Main(string[] args)
    {
        if (args.FirstOrDefault(a => a is "--help" or "-h" or "-?") is not null)
        {
            Console.WriteLine(
                "qsim-fuzz [--mutants N] [--seed S] [--from N] [--in-process] [FORMAT...]");
            Console.WriteLine(
                $"Formats: {string.Join(", ", FuzzFormat.All.Select(f => f.Name))}");
            return 0;
        }

        if (WhyNot(args) is { } why)
        {
            Console.Error.WriteLine($"{why} (see --help)");
            return 2;
        }

        // No other program runs here: what circuits cost is then the fitted model's.
        Environment.SetEnvironmentVariable("PATH", "");
        int mutants = Number(args, "--mutants", 20_000), from = Number(args, "--from", 0);
        ulong seed = (ulong)Number(args, "--seed", 1);
        if (Text(args, "--worker") is { } worker)
        {
            FuzzFormat format = FuzzFormat.All.Single(f => f.Name == worker);
            using var own = new Sandbox();
            new Worker(format, seed, Text(args, "--progress")!).Run(own, from, mutants);
            return 0;
        }

        string[] named = [.. Named(args)];
        Console.WriteLine($"seed {seed}, {mutants} mutants a format");
        Console.WriteLine(Tally.Head);
        bool isClean = true;
        using Sandbox? box = args.Contains("--in-process") ? new() : null;
        foreach (FuzzFormat format in FuzzFormat.All)
        {
            if (named.Length > 0 && !named.Contains(format.Name)) continue;
            Tally tally = box is null
                ? Run(format, seed, from, mutants)
                : Run(format, seed, from, mutants, box);
            Console.WriteLine(tally.Row(format.Name));
            foreach (string failure in tally.Failures.Take(12))
                Console.Error.WriteLine($"  {format.Name} {failure}");
            isClean &= tally.Failures.Count == 0;
        }

        return isClean ? 0 : 1;
    }

    /// <summary>
    /// A worker that ends early ended at the mutant it was at; another goes on after it. Those few
    /// since it last wrote everything down are not counted.
    /// </summary>
    private static Tally Run(FuzzFormat format, ulong seed, int from, int mutants)
    {
        var all = new Tally();
        string progress = Path.GetTempFileName();
        while (from < mutants && all.Failures.Count < MostFailures)
        {
            int end = Math.Min(mutants, from + MostOfAProcess);
            File.WriteAllText(progress, $"{from}\n");
            using Process process = Process.Start(new ProcessStartInfo(
                Environment.ProcessPath!,
                [
                    .. Assembly(), "--worker", format.Name, "--progress", progress, "--from",
                    Text(from), "--mutants", Text(end), "--seed", $"{seed}",
                ])
            { RedirectStandardError = true })!;
            string said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            string[] lines = File.ReadAllText(progress).Split('\n');
            int at = int.Parse(lines[0], CultureInfo.InvariantCulture);
            if (lines.Length > 1) all.Merge(lines[1]);
            if (at < end)
            {
                all.Add(Outcome.Refused);
                all.Fail(at, $"ended the process ({process.ExitCode}): {First(said)}");
            }

            from = at < end ? at + 1 : end;
        }

        File.Delete(progress);
        return all;
    }

    /// <summary>
    /// The same in this process, which is faster for few mutants and ends with the first of those
    /// that end a process.
    /// </summary>
    private static Tally Run(FuzzFormat format, ulong seed, int from, int mutants, Sandbox box)
    {
        string progress = Path.GetTempFileName();
        new Worker(format, seed, progress).Run(box, from, mutants);
        var all = new Tally();
        all.Merge(File.ReadAllLines(progress)[1]);
        File.Delete(progress);
        return all;
    }

    private static string First(string said) =>
        string.Join(' ', said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(6));

    /// <summary>
    /// What a mistyped word is, by which nothing would be damaged, or everything; else null.
    /// </summary>
    private static string? WhyNot(string[] args)
    {
        if (args.Contains("--worker")) return null;
        foreach ((int i, string option) in args.Index().Where(a => IsNumbered(a.Item)))
            if (!int.TryParse(
                args.ElementAtOrDefault(i + 1), NumberStyles.None, CultureInfo.InvariantCulture,
                out _))
                return $"{option} takes a whole number, found '{args.ElementAtOrDefault(i + 1)}'";
        return Named(args).FirstOrDefault(n => FuzzFormat.All.All(f => f.Name != n)) is { } odd
            ? $"unknown {(odd.StartsWith('-') ? "option" : "format")} '{odd}'"
            : null;
    }

    /// <summary>Words that are no options of this program, nor their numbers.</summary>
    private static IEnumerable<string> Named(string[] args) => args.Where((a, i) =>
        a != "--in-process" && !IsNumbered(a) && (i == 0 || !IsNumbered(args[i - 1])));

    private static bool IsNumbered(string option) =>
        option is "--mutants" or "--seed" or "--from";

    /// <summary>Under <c>dotnet qsim-fuzz.dll</c> the process is dotnet.</summary>
    private static string[] Assembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Path.Combine(AppContext.BaseDirectory, "qsim-fuzz.dll")]
            : [];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Text(string[] args, string option)
    {
        int at = Array.IndexOf(args, option);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }

    private static int Number(string[] args, string option, int otherwise) =>
        Text(args, option) is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}

using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Keys;

namespace QSim.Runner.Commands;

/// <summary><c>qsim run</c>: the quickstart, or a study file.</summary>
internal static class RunCommand
{
    private static readonly string ExampleText = $$"""
          qsim run                                       the quickstart
          qsim run --images 100 --epsilons 8/255         smaller
          qsim run --profile int4 --profile mine.yaml    other hardware, beside the float network
          qsim run --data mnist --network lenet5 --data-dir ~/data
          qsim run my-study.yaml                         a question written down: see below
          qsim run my-study.yaml --dry-run               how much work it is
          qsim run my-study.yaml --out r                 once more after Ctrl-C or worse: it goes on
          qsim run r/study.json --out again              what was run there, from that run's folder
          qsim run --network net.onnx --data mine.npz    your own: see 'qsim data --help'
          qsim run --json --quiet | jq .crossovers       results for another program

        A study file, every key but the first optional:
          {{string.Join("\n  ", StudyKeys.ExampleFile())}}

        Threat models: hardware sees the hardware's own bits and gradients, transfer only the float
        network's, score the hardware's logits (square, spsa), label its decisions (hopskipjump).
        The last line is the verdict: believable, or for which hardware not and why.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var file = new Argument<string?>("study")
        {
            Description =
                "A study file (YAML); without one, the quickstart. Options override what it says.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var options = new MeasuringOptions();
        var command = new Command(
            "run", "Run the quickstart or a study: train, quantize, attack, one table.")
        {
            file,
        };
        options.AddTo(command);
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) =>
        {
            StudyFile? written = parsed.GetValue(file) is { } path ? Read(path, parsed) : null;
            StudyInputs inputs = options.Read(
                parsed,
                written is null
                    ? options.Study.Apply(parsed)
                    : options.Study.Apply(written.Settings, parsed),
                written?.Resolved?.Engine).Of(written);
            return new StudySession(screen, inputs, options.Session(parsed)).Run(cancellation);
        });
        return command;
    }

    /// <summary>The study; or what was meant instead, after an option of several values.</summary>
    private static StudyFile Read(string path, ParseResult parsed) =>
        ListOptions.Before(path, parsed) is { } list && !Path.Exists(path)
            && Path.GetExtension(path).Length == 0
            ? throw new RequestException(
                $"unknown argument '{path}'{ListOptions.About(list)}")
            : StudyFile.Read(path);
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace QSim.Runner.CommandLine;

/// <summary>Adds an "Examples" section to the end of a command's help.</summary>
internal static class Examples
{
    /// <summary>What a newcomer tries first.</summary>
    public const string OfRoot = """
          qsim                               the quickstart: train, quantize, attack, one table
          qsim run --profile int4 --epsilons 0,2/255,8/255
          qsim profiles list                 hardware profiles that come with QSim
          qsim profiles show int4            one of them, to copy and change
          qsim run --profile my-chip.yaml    your own hardware
          qsim run my-study.yaml             a question written down: 'qsim run --help' shows one
          qsim search my-study.yaml          the cheapest hardware that still resists, many keys at once
          qsim submit study.yaml --local 4   the same in four processes, or on a cluster
          qsim report my-run                 a run's report once more, or in another format
          qsim certify --profile int8-wide   what no attack can break, proved image by image
          qsim inspect model.onnx            a network's layers, and what each profile does with it
          qsim export model.onnx --profile tflite-int8 --data mnist --out net.yaml
          qsim explain overflow              one value's partial sums, up to the step that overflowed
          qsim rtl check --profile int4      its circuit in SystemVerilog, register by register
          qsim convert 7.97 --to 'ap_fixed<8,4,RND,WRAP>'
          qsim conform dump.csv              your RTL's or HLS's results against QSim's, bit by bit
          qsim serve                         hardware that answers programs: python/README.md
          qsim backends                      what can run here, and why not
          qsim data                          which images are here, and where others go

        Exit codes: 0 done, 1 a gate failed, 2 wrong usage or input, 3 defect in QSim, 130 interrupted.
        Results go to stdout, progress to stderr. NO_COLOR=1 turns colour off.
        """;

    /// <summary>Appends the section to the help of one command.</summary>
    public static void AddTo(Command command, string text)
    {
        HelpOption? help = command.Options.OfType<HelpOption>().FirstOrDefault();
        // The root's is for every command; of another's, its own subcommands would have two.
        if (help is null) command.Add(help = new HelpOption { Recursive = command is RootCommand });
        var standard = (HelpAction)help.Action!;
        standard.MaxWidth = 100;
        help.Action = new HelpWithExamples(standard, text);
    }

    /// <summary>The section of a command; null where it has none of its own.</summary>
    public static string? Of(Command command) =>
        command.Options.Select(o => o.Action).OfType<HelpWithExamples>().FirstOrDefault()?.Text;

    private sealed class HelpWithExamples(HelpAction standard, string text)
        : SynchronousCommandLineAction
    {
        public string Text => text;

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = standard.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            // The root's help option is recursive: a subcommand without examples of its own has
            // none.
            if (parseResult.CommandResult.Command.Options.Any(o => ReferenceEquals(o.Action, this)))
                output.WriteLine($"Examples:\n{text}\n");
            return code;
        }
    }
}

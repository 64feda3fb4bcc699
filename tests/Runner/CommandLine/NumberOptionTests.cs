using System.CommandLine;
using QSim.Runner.Commands;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>What stands where an option takes a number, in every command.</summary>
public class NumberOptionTests
{
    private static readonly Type[] Numbers =
    [
        typeof(int), typeof(int?), typeof(ulong), typeof(ulong?), typeof(double), typeof(double?),
    ];

    /// <summary>A comma is a point to some and groups digits for others: it is neither.</summary>
    [Theory]
    [InlineData("1,5")]
    [InlineData("0,001")]
    [InlineData("many")]
    [InlineData("1.5.5")]
    [InlineData("")]
    public void EveryNumber_ThatIsNone_IsRefusedWithoutACommandThatRuns(string value)
    {
        using var nowhere = new StringWriter();
        var screen = new Screen(nowhere, nowhere, false, false, false);
        (Command Command, Option Option)[] options =
        [
            .. from command in CommandList.Create(screen).SelectMany(Below)
            from option in command.Options
            where Numbers.Contains(option.ValueType)
            select (command, option),
        ];

        Assert.Contains(options, o => o.Option.Name == "--max-minutes");
        Assert.Contains(options, o => o.Option.Name == "--outputs");
        Assert.All(options, o => Assert.Contains(
            o.Command.Parse([o.Option.Name, value]).Errors,
            e => e.Message.Contains(o.Option.Name) && e.Message.Contains($"'{value}'")));
    }

    [Theory]
    [InlineData("1.5", 1.5)]
    [InlineData("2e-3", 0.002)]
    [InlineData("30", 30)]
    public void Minutes_ANumber_IsThat(string value, double expected)
    {
        using var nowhere = new StringWriter();
        var screen = new Screen(nowhere, nowhere, false, false, false);
        Command run = CommandList.Create(screen).Single(c => c.Name == "run");

        ParseResult parsed = run.Parse(["--max-minutes", value]);

        Assert.Empty(parsed.Errors);
        Assert.Equal(expected, parsed.GetValue<double?>("--max-minutes"));
        Assert.Null(run.Parse([]).GetValue<double?>("--max-minutes"));
    }

    private static IEnumerable<Command> Below(Command command) =>
        command.Subcommands.SelectMany(Below).Prepend(command);
}

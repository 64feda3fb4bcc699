using System.CommandLine;
using QSim.Runner.Output;

namespace QSim.Runner.Commands;

/// <summary>The one list of commands, in the order in which help shows them.</summary>
internal static class CommandList
{
    /// <summary>Creates every command.</summary>
    public static IEnumerable<Command> Create(Screen screen) =>
    [
        RunCommand.Create(screen),
        SearchCommand.Create(screen),
        SensitivityCommand.Create(screen),
        SubmitCommand.Create(screen),
        StatusCommand.Create(screen),
        WorkCommand.Create(screen),
        ReportCommand.Create(screen),
        LsCommand.Create(screen),
        DiffCommand.Create(screen),
        MergeCommand.Create(screen),
        AttackCheckCommand.Create(screen),
        CertifyCommand.Create(screen),
        ProfilesCommand.Create(screen),
        InspectCommand.Create(screen),
        BackendsCommand.Create(screen),
        ExplainCommand.Create(screen),
        RtlCommand.Create(screen),
        VectorsCommand.Create(screen),
        ExportCommand.Create(screen),
        CostCommand.Create(screen),
        ConvertCommand.Create(screen),
        ConformCommand.Create(screen),
        DataCommand.Create(screen),
        ServeCommand.Create(screen),
        CompletionsCommand.Create(screen),
        ManCommand.Create(screen),
    ];
}

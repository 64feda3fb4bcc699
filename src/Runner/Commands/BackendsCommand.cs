using System.CommandLine;
using QSim.Attacks.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Runner.Output;
using QSim.Runner.Studies;

namespace QSim.Runner.Commands;

/// <summary>
/// <c>qsim backends</c>: backends and gradient engines: what can run here, and why not.
/// </summary>
internal static class BackendsCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var command = new Command(
            "backends", "List what can run here, and if not, why and what to do about it.");
        command.SetAction(_ => List(screen));
        command.Add(BackendsCheckCommand.Create(screen));
        return command;
    }

    private static void List(Screen screen)
    {
        Write(
            "backend", BackendList.All.Select(b => (b.Name, b.Description, b.WhyUnavailable)),
            screen);
        screen.Line();
        screen.Line(
            "Loops of simd for layers of weights, in order of preference "
                + $"({SimdRowVariable.Name} forces one):");
        new TextTable(
            ["loop", "what it does"],
            [.. SimdBackend.Rows.Select(r => new[] { r.Name, r.Summary })]).Write(screen);
        screen.Line();
        Write(
            "gradient engine",
            GradientEngineList.All.Select(e => (e.Name, e.Description, e.WhyUnavailable)), screen);
    }

    private static void Write(
        string what, IEnumerable<(string Name, string Description, string? WhyNot)> all,
        Screen screen)
    {
        (string Name, string Description, string? WhyNot)[] rows = [.. all];
        new TextTable(
            [what, "usable", "what it is"],
            [.. rows.Select(r => new[] { r.Name, r.WhyNot is null ? "yes" : "no", r.Description })]
        ).Write(screen);
        foreach (var row in rows)
            if (row.WhyNot is { } reason) screen.Line($"{row.Name}: {reason}");
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace QSim.Runner.Silicon.Costs;

/// <summary>Drives OpenSTA on a netlist.</summary>
/// <param name="tools">The programs.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed partial class TimingAndPower(CostTools tools, CancellationToken cancellation)
{
    /// <summary>A period that every path is shorter than, in nanoseconds.</summary>
    private const double Period = 1000;

    private const double PicojoulesPerNanosecondWatt = 1e3;

    /// <summary>The library, by a name that every program takes.</summary>
    private const string LibraryLink = "cells.lib";

    /// <summary>
    /// Annotated pins are not kept by every version of OpenSTA, one activity for all is. Power is
    /// linear in it, so two reports give each cell's energy of a quiet cycle and of a transition.
    /// </summary>
    private const string PerCell = """
        foreach cell [get_cells *] {
          foreach pin [get_pins -of_objects $cell] {
            if {[get_property $pin direction] eq "output"} {
              puts "OUTPUT [get_property $pin full_name]"
            }
          }
        }
        set_power_activity -global -activity 0.0 -duty 0.5
        puts "QUIET"
        report_power -instances [get_cells *] -digits 10
        set_power_activity -global -activity 1.0 -duty 0.5
        puts "ACTIVE"
        report_power -instances [get_cells *] -digits 10
        """;

    /// <summary>The longest path in nanoseconds, setup of registers included.</summary>
    /// <param name="folder">Where the netlist is.</param>
    /// <param name="top">Its module.</param>
    /// <param name="clock">Its clock; null where it has no register.</param>
    /// <exception cref="RequestException">OpenSTA fails.</exception>
    public double Path(string folder, string top, string? clock)
    {
        string said = Run(
            folder, top, clock,
            "report_checks -path_delay max -format end -digits 6 -no_line_splits");
        Match slack = Slack().Match(said);
        return slack.Success
            ? Period - double.Parse(slack.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : said.Contains("No paths found", StringComparison.Ordinal) ? 0
            : throw Missing("slack", top, said);
    }

    /// <summary>Picojoules of a cycle in which pins change as often as they did.</summary>
    /// <param name="folder">Where the netlist is.</param>
    /// <param name="top">Its module.</param>
    /// <param name="clock">Its clock; null where it has no register.</param>
    /// <param name="period">The period in nanoseconds: leakage lasts as long.</param>
    /// <param name="transitions">How often pins change, by <c>cell/PIN</c>.</param>
    /// <param name="cycles">In how many cycles.</param>
    /// <exception cref="RequestException">OpenSTA fails.</exception>
    public double Energy(
        string folder, string top, string? clock, double period,
        IReadOnlyDictionary<string, long> transitions, int cycles)
    {
        string said = Run(folder, top, clock, PerCell);
        string[] halves = said.Split("ACTIVE\n");
        if (halves.Length != 2) throw Missing("power", top, said);
        ILookup<string, string> outputs = OutputPin().Matches(halves[0])
            .ToLookup(m => m.Groups[1].Value, m => $"{m.Groups[1].Value}/{m.Groups[2].Value}");
        Dictionary<string, (double Dynamic, double Leakage)> quiet = Cells(halves[0]);
        Dictionary<string, (double Dynamic, double Leakage)> active = Cells(halves[1]);
        if (quiet.Count == 0 || !quiet.Keys.ToHashSet().SetEquals(active.Keys))
            throw Missing("power of each cell", top, said);
        return quiet.Sum(cell =>
        {
            (double dynamic, double leakage) = cell.Value;
            string[] pins = [.. outputs[cell.Key]];
            double changes = pins.Length == 0
                ? 0
                : pins.Average(p => (double)transitions.GetValueOrDefault(p) / cycles);
            double perTransition = active[cell.Key].Dynamic - dynamic;
            return ((dynamic + (changes * perTransition)) * Period) + (leakage * period);
        }) * PicojoulesPerNanosecondWatt;
    }

    private static Dictionary<string, (double Dynamic, double Leakage)> Cells(string report) =>
        CellPower().Matches(report).ToDictionary(
            m => m.Groups[5].Value,
            m => (Number(m.Groups[1]) + Number(m.Groups[2]), Number(m.Groups[3])));

    private static double Number(Group group) =>
        double.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    private string Run(string folder, string top, string? clock, string commands)
    {
        string port = clock is null ? "" : $"[get_ports {clock}]";

        // OpenSTA goes on without a library whose path has a blank, and then every path is 0.
        string cells = System.IO.Path.Combine(folder, LibraryLink);
        if (!File.Exists(cells)) File.CreateSymbolicLink(cells, tools.Library!.File);
        File.WriteAllText(
            System.IO.Path.Combine(folder, "sta.tcl"),
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                read_liberty {{LibraryLink}}
                set_cmd_units -time ns -power W
                read_verilog {{top}}.v
                link_design {{top}}
                create_clock -name clk -period {{Period}} {{port}}
                foreach port [all_inputs] {
                  if {[get_property $port full_name] ne "{{clock}}"} {
                    set_input_delay 0 -clock clk $port
                  }
                }
                set_output_delay 0 -clock clk [all_outputs]
                {{commands}}
                exit

                """));
        string said = StartedProgram.Run(
            folder, tools.Sta!, ["-no_init", "-no_splash", "-exit", "sta.tcl"], cancellation);
        return said.Contains("cannot read file", StringComparison.Ordinal)
            ? throw Missing("figures", top, said)
            : said;
    }

    private static RequestException Missing(string what, string top, string said)
    {
        string error = said.Split('\n')
            .FirstOrDefault(l => l.Contains("Error", StringComparison.Ordinal))
            ?? "it does not say why";
        return new($"OpenSTA gives no {what} of '{top}': {Output.Untrusted.Line(error)}");
    }

    [GeneratedRegex(@"(-?[0-9.]+) \((?:MET|VIOLATED)\)")]
    private static partial Regex Slack();

    [GeneratedRegex(@"^OUTPUT (\S+)/(\S+)\s*$", RegexOptions.Multiline)]
    private static partial Regex OutputPin();

    [GeneratedRegex(
        @"^\s*(-?[0-9.]+e[+-]\d+)\s+(-?[0-9.]+e[+-]\d+)\s+(-?[0-9.]+e[+-]\d+)"
            + @"\s+(-?[0-9.]+e[+-]\d+)\s+(\S+)\s*$",
        RegexOptions.Multiline)]
    private static partial Regex CellPower();
}

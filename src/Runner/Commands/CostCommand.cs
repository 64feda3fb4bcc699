using System.CommandLine;
using System.Globalization;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Silicon.Costs;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary><c>qsim cost</c>: what a profile's circuits cost, by synthesis.</summary>
internal static class CostCommand
{
    private const double MostPicojoules = 1e9;

    private const string Help = """
          qsim cost --profile int8-acc-sat --profile int8-acc-wrap
          qsim cost --profile my-chip.yaml --network net.onnx --data mine.npz --liberty my-cells.lib
          qsim cost --profile int4 --target xcup          LUTs, flip-flops, carries, DSP blocks
          qsim cost --profile int4 --csv > units.csv

        Yosys synthesises the unit of each convolution and dense layer. For standard cells OpenSTA gives
        the critical path, and the power of the transitions that real operands make in the netlist
        (Icarus), which must still be the reference. Where one of them is missing, a fitted model
        answers, figures marked by ~, with its error. Pooling, sums, tables, wires are not counted.
        """;

    private static readonly Option<string> Target = new("--target")
    {
        Description = "asic (standard cells), xcup, ice40 or ecp5.",
        HelpName = "name",
        DefaultValueFactory = _ => CostTarget.Asic.Name,
    };

    private static readonly Option<string?> Liberty = new("--liberty")
    {
        Description =
            "Your process' cells (default: the 0.18 um cells of Debian's qflow-tech-osu018, for "
                + "comparing).",
        HelpName = "file",
    };

    private static readonly Option<string?> Layer = CommonOptions.Layer();

    private static readonly Option<double> OnChip = NumberOption.Of(
        "--on-chip-pj", "pJ",
        "Picojoules of a bit on the chip; without it those of an 8 KB SRAM of 45 nm.",
        EnergyConstants.HorowitzOnChip);

    private const string Usual = "int8-acc-sat";

    private static readonly Option<double> OffChip = NumberOption.Of(
        "--off-chip-pj", "pJ", "Picojoules of a bit of DRAM.", EnergyConstants.HorowitzOffChip);

    private static readonly Option<bool> AsJson = CommonOptions.Json();

    private static readonly Option<bool> AsCsv = new("--csv")
    {
        Description = "Print the units as CSV instead of the tables.",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var study = new StudyOptions();
        Option<string?> folder = CommonOptions.DataFolder(), cache = CommonOptions.Cache();
        cache.Description =
            "Folder of trained networks and measured circuits (default: make them again).";
        var command = new Command("cost", "What a profile's circuits cost: area, path, energy.");
        Option[] own =
        [
            Layer, Target, Liberty, OnChip, OffChip, folder, cache, AsJson, AsCsv,
            CommonOptions.Quiet(),
        ];
        foreach (Option option in study.HardwareOf(Usual, isOne: false).Concat(own))
            command.Add(option);
        Examples.AddTo(command, Help);
        command.SetAction((parsed, cancellation) =>
        {
            var target = CostTarget.Find(parsed.GetRequiredValue(Target));
            var request = new CostRequest(
                target, CostTools.Find(target, parsed.GetValue(Liberty)),
                new(Positive(parsed, OnChip), Positive(parsed, OffChip)),
                parsed.GetValue(Layer));
            if (parsed.GetValue(AsJson) && parsed.GetValue(AsCsv))
                throw new RequestException("--json and --csv: one of them");
            var inputs = StudyInputs.Read(
                study.Apply(new StudySettings { Profiles = [Usual] }, parsed),
                DataFolders.Resolve(parsed.GetValue(folder)), backend: null);
            ContentCache kept = CommonOptions.OpenCache(parsed.GetValue(cache));
            CostReport report = ProfileCosts.Measure(
                screen, inputs, request, kept, cancellation);
            if (parsed.GetValue(AsJson)) screen.Document(Json.Of(report.Document()));
            else if (parsed.GetValue(AsCsv))
                screen.Document(Csv.Of(report.Rows, new SweptColumns(new StudySettings())));
            else report.Write(screen);
        });
        return command;
    }

    private static double Positive(ParseResult parsed, Option<double> option) =>
        parsed.GetValue(option) is >= 0 and <= MostPicojoules and var value
            ? value
            : throw new RequestException(string.Create(
                CultureInfo.InvariantCulture,
                $"{option.Name} {parsed.GetValue(option)} (supported: 0 to {MostPicojoules})"));
}

using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Silicon.Costs;
using QSim.Runner.Studies;
using QSim.Simulator;
using QSim.Simulator.Quantization;

namespace QSim.Fuzz;

/// <summary>A unit whose costs are a mutant of what the cache of costs holds.</summary>
internal sealed class Costed
{
    private readonly LayerUnit _unit;

    private readonly CostRequest _request = new(
        CostTarget.Asic, new(null, null, null, null, null),
        new(EnergyConstants.HorowitzOnChip, EnergyConstants.HorowitzOffChip), null);

    public Costed()
    {
        var inputs = StudyInputs.Read(
            new() { Network = "dense.yaml", Dataset = "grey.npz", Profiles = ["int8-wide"] },
            new DataFolders(["."]), "reference", "managed");
        QuantizedProgram program = Quantizer.Quantize(
            inputs.Network, inputs.Profiles[0].Datapath, inputs.Data.Test.Images(0, 1).ToArray());
        using var simulation = new Simulation(program, BackendList.Find("reference")!);
        _unit = LayerUnit.Of(simulation, inputs.Data.Test, [])[0];
    }

    /// <summary>Shows costs in a table and a document.</summary>
    public Outcome Show(byte[] bytes)
    {
        if (KnownCosts.Read(bytes, CostTarget.Asic) is not { } costs) return Outcome.Refused;
        UnitCost unit = _unit.Cost(
            [
                .. costs.Select(c => new PartCost(
                    c.Key, c.Value.ToDictionary(f => f.Key, f => new Figure(f.Value, true)))),
            ],
            _request);
        var report = new CostReport(_request, "", [("int8-wide", [unit])], []);
        report.Write(new(TextWriter.Null, TextWriter.Null, false, false, false));
        _ = Json.LineOf(report.Document());
        _ = report.Rows.ToArray();
        return Outcome.Executed;
    }

    /// <summary>A library of cells; only its name is read here.</summary>
    public static Outcome Library(string path) =>
        CellLibrary.Open(path) is { Name.Length: <= Brief.Most }
            ? Outcome.Executed
            : throw new InvalidOperationException("a long name");
}

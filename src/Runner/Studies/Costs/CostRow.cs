namespace QSim.Runner.Studies.Costs;

/// <summary>One half of a layer's unit, as a row of a table: figures that are unknown are empty.
/// </summary>
/// <param name="Profile">The profile.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Part">The half.</param>
/// <param name="Lanes">Products per cycle.</param>
/// <param name="InputBits">Width of an activation.</param>
/// <param name="WeightBits">Width of a weight.</param>
/// <param name="AccumulatorBits">Width of the accumulator.</param>
/// <param name="OutputBits">Width of an output.</param>
/// <param name="Uses">Updates of one image, or outputs.</param>
/// <param name="AreaUm2">Area of cells.</param>
/// <param name="Cells">How many.</param>
/// <param name="PathNs">The critical path.</param>
/// <param name="EnergyPj">Energy per update, or per output.</param>
/// <param name="Lut">Look-up tables.</param>
/// <param name="Ff">Flip-flops.</param>
/// <param name="Carry">Carry blocks.</param>
/// <param name="Dsp">Multiplier blocks.</param>
/// <param name="Modelled">Columns that the fitted model says.</param>
internal sealed record CostRow(
    string Profile, string Layer, string Part, int Lanes, int InputBits, int WeightBits,
    int AccumulatorBits, int OutputBits, long Uses, double? AreaUm2, double? Cells, double? PathNs,
    double? EnergyPj, double? Lut, double? Ff, double? Carry, double? Dsp, string Modelled);

using System.Globalization;
using System.Text;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Vectors;

/// <summary>
/// What goes into a layer's multiply-accumulate unit and what the reference says comes out of every
/// register, row by row: <c>steps</c> has one per cycle, <c>outputs</c> one per output.
/// </summary>
internal sealed class MacVectors
{
    private readonly QuantizedProgram _program;
    private readonly int _index;
    private readonly MacLayer _layer;
    private readonly MacModules _unit;
    private readonly IReadOnlyList<(Wire Port, Func<Requantization, long> Value)> _ports;
    private readonly StringBuilder _steps = new();
    private readonly StringBuilder _outputs = new();
    private readonly List<ElementAddress> _elements = [];
    private readonly HexRow _step;
    private readonly HexRow _output;

    public MacVectors(QuantizedProgram program, int layer, MacModules unit)
    {
        (_program, _index, _unit) = (program, layer, unit);
        _layer = (MacLayer)program.Layers[layer];
        _ports = RequantizeModule.Ports(_layer);
        (Steps, Outputs) = (StepLayout(), OutputLayout());
        (_step, _output) = (new(Steps.Bits), new(Outputs.Bits));
    }

    /// <summary>Fields of a cycle.</summary>
    public RowLayout Steps { get; }

    /// <summary>Fields of an output.</summary>
    public RowLayout Outputs { get; }

    /// <summary>Rows of cycles so far.</summary>
    public int StepCount => _elements.Count * CyclesPerOutput;

    /// <summary>The outputs, in the order of their rows.</summary>
    public IReadOnlyList<ElementAddress> Elements => _elements;

    /// <summary>Products of one output.</summary>
    public int Depth => _layer.Depth;

    /// <summary>Whether outputs are two's complement.</summary>
    public bool OutputIsSigned => _layer.Output.IsSigned;

    /// <summary>The addresses of the outputs, row by row.</summary>
    public string ElementText
    {
        get
        {
            int columns = _layer.Output.Shape.Columns;
            var text = new StringBuilder();
            foreach (ElementAddress at in _elements)
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{at.Position % columns:x8}{at.Position / columns:x8}{at.Channel:x8}"
                        + $"{(int)at.Image:x8}\n");
            return text.ToString();
        }
    }

    /// <summary>Cycles that one output takes.</summary>
    public int CyclesPerOutput => _unit.Cycles + (_unit.BiasCycle ? 1 : 0);

    /// <summary>The rows of cycles.</summary>
    public string StepText => _steps.ToString();

    /// <summary>The rows of outputs.</summary>
    public string OutputText => _outputs.ToString();

    /// <summary>Adds the cycles of one output.</summary>
    /// <param name="element">The output, its image counted in the dataset.</param>
    /// <param name="input">What the layer reads for this image.</param>
    public void Add(ElementAddress element, long[] input)
    {
        MacTrace trace = MacTracer.Trace(_program, _index, input, element);
        int flat = (element.Channel * _layer.Output.Shape.Positions) + element.Position;
        for (int cycle = 0; cycle < CyclesPerOutput; cycle++)
        {
            AddOperands(trace, element, flat, cycle);
            bool known = !_unit.IsAtEnd || cycle == CyclesPerOutput - 1;
            MacUpdate update = _unit.IsAtEnd ? trace.Updates[^1] : trace.Updates[cycle];
            _step.Put(known ? 1 : 0, 1);
            _step.Put(update.Accumulator, _unit.Accumulator.Bits);
            PutEvents(_step, update.Events);
            _step.Write(_steps);
        }

        AddOutput(trace, element, flat);
        _elements.Add(element);
    }

    private void AddOperands(MacTrace trace, ElementAddress element, int flat, int cycle)
    {
        _step.Put(cycle == 0 ? 1 : 0, 1);
        _step.Put(cycle == CyclesPerOutput - 1 ? 1 : 0, 1);
        if (_unit.BiasCycle) _step.Put(cycle == _unit.Cycles ? 1 : 0, 1);
        int from = cycle * _unit.Lanes;
        MacProduct?[] lanes =
        [
            .. Enumerable.Range(from, _unit.Lanes).Select(i =>
                i < trace.Products.Length ? trace.Products[i] : (MacProduct?)null),
        ];
        foreach (MacProduct? lane in lanes)
            _step.Put((lane?.Input ?? 0) + _layer.Mac.InputOffset, _unit.Input.Bits);
        foreach (MacProduct? lane in lanes) _step.Put(lane?.WeightRaw ?? 0, _unit.Weight.Bits);
        if (_unit.RandomBits.Product is > 0 and int product)
            for (int i = 0; i < lanes.Length; i++)
                _step.Put(
                    Random(EventStage.Product, element, flat, from + i, product), product);
        if (_unit.RandomBits.Update is > 0 and int update)
            _step.Put(
                Random(
                    EventStage.Accumulator, element, flat, _unit.IsAtEnd ? 0 : cycle, update),
                update);
        foreach (MacProduct? lane in lanes) _step.Put(lane?.Value ?? 0, _unit.Product.Bits);
        foreach (ConversionEvents flag in Flags)
            foreach (MacProduct? lane in lanes)
                _step.Put(lane is { } p && (p.Events & flag) != 0 ? 1 : 0, 1);
    }

    private static readonly ConversionEvents[] Flags =
        [ConversionEvents.Overflowed, ConversionEvents.Inexact];

    private void AddOutput(MacTrace trace, ElementAddress element, int flat)
    {
        Requantization channel = _layer.Requantization[element.Channel];
        _output.Put(_layer.Bias[element.Channel], _unit.Accumulator.Bits);
        foreach ((Wire port, Func<Requantization, long> value) in _ports)
            _output.Put(value(channel), port.Bits);
        if (RequantizeModule.RandomBits(_layer) is > 0 and int bits)
            _output.Put(Random(EventStage.Output, element, flat, 0, bits), bits);
        _output.Put(trace.Output, _layer.Output.Bits);
        PutEvents(_output, trace.OutputEvents);
        _output.Write(_outputs);
    }

    private static void PutEvents(HexRow row, ConversionEvents events)
    {
        foreach (ConversionEvents flag in Flags) row.Put((events & flag) != 0 ? 1 : 0, 1);
    }

    /// <summary>The top bits of what the reference draws: u of ARITHMETIC.md section 2.</summary>
    private long Random(EventStage stage, ElementAddress element, int flat, int step, int bits) =>
        (long)(StochasticBits.Of(
            _program.Seed, _index, (int)stage, element.Image, flat, step) >> (64 - bits));

    private RowLayout StepLayout()
    {
        var row = new RowLayout();
        int lanes = _unit.Lanes;
        row.Add("first", 1);
        row.Add("last", 1);
        if (_unit.BiasCycle) row.Add("last_bias", 1);
        row.Add("x", lanes * _unit.Input.Bits);
        row.Add("w", lanes * _unit.Weight.Bits);
        if (_unit.RandomBits.Product > 0)
            row.Add("product_random", lanes * _unit.RandomBits.Product);
        if (_unit.RandomBits.Update > 0) row.Add("random", _unit.RandomBits.Update);
        row.Add("products", lanes * _unit.Product.Bits);
        row.Add("products_overflowed", lanes);
        row.Add("products_inexact", lanes);
        row.Add("known", 1);
        row.Add("accumulator", _unit.Accumulator.Bits);
        row.Add("overflowed", 1);
        row.Add("inexact", 1);
        return row;
    }

    private RowLayout OutputLayout()
    {
        var row = new RowLayout();
        row.Add("bias", _unit.Accumulator.Bits);
        foreach ((Wire port, _) in _ports) row.Add(port.Name, port.Bits);
        if (RequantizeModule.RandomBits(_layer) is > 0 and int bits) row.Add("random", bits);
        row.Add("result", _layer.Output.Bits);
        row.Add("overflowed", 1);
        row.Add("inexact", 1);
        return row;
    }
}

using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Conformance;

/// <summary>
/// Every register of a layer with its flags, as the reference has them, in the order in which
/// values pass through them.
/// </summary>
/// <param name="program">The program.</param>
/// <param name="images">Indices of the images in their dataset.</param>
/// <param name="tensors">
/// Per image: the input, then the output of each layer.
/// </param>
internal sealed class LayerRegisters(
    QuantizedProgram program, IReadOnlyList<int> images,
    IReadOnlyList<IReadOnlyList<long[]>> tensors)
{
    /// <summary>What the products of a layer are called behind its name.</summary>
    public const string Product = "product";

    /// <summary>What the accumulators of a layer are called behind its name.</summary>
    public const string Accumulator = "accumulator";

    /// <summary>What the output of a layer is called behind its name.</summary>
    public const string Output = "output";

    private const string Total = "total";
    private const string FlagsOf = "_flags";

    /// <summary>A layer's registers.</summary>
    /// <param name="layer">Its index.</param>
    /// <param name="isWanted">Says it of a register's name.</param>
    public IEnumerable<Register> Of(int layer, Func<string, bool> isWanted) =>
        (program.Layers[layer] is MacLayer mac
            ? OfUnit(layer, mac, isWanted)
            : OfOther(layer, program.Layers[layer]))
        .Append(new(
            $"{program.Layers[layer].Name}.{Output}",
            [.. tensors.SelectMany(t => t[layer + 1])], program.Layers[layer].Output.Shape, null,
            1, program.Layers[layer].Output.Bits, program.Layers[layer].Output.IsSigned))
        .Where(r => isWanted(r.Name));

    /// <summary>
    /// Which registers somebody wants: of a multiply-accumulate unit every product and update, or
    /// what its accumulator ends with; all others always.
    /// </summary>
    public static Func<string, bool> Wanted(ProgramLayer layer, bool steps)
    {
        if (layer is not MacLayer) return _ => true;
        string[] ofSteps = [.. Names(layer, Product, Accumulator)];
        string[] total = [.. Names(layer, Total)];
        return name => steps ? !total.Contains(name) : !ofSteps.Contains(name);
    }

    private static IEnumerable<string> Names(ProgramLayer layer, params string[] registers) =>
        registers.SelectMany(r => new[] { $"{layer.Name}.{r}", $"{layer.Name}.{r}{FlagsOf}" });

    /// <summary>What a layer reads, input after input.</summary>
    public IEnumerable<Register> Inputs(int layer)
    {
        ProgramLayer of = program.Layers[layer];
        for (int i = 0; i < of.Inputs.Length; i++)
        {
            int tensor = of.Inputs[i];
            TensorType type = program.Tensor(tensor);
            yield return new(
                $"{of.Name}.input{(i == 0 ? "" : $"{i + 1}")}",
                [.. tensors.SelectMany(t => t[tensor])], type.Shape, null, 1,
                type.Bits, type.IsSigned);
        }
    }

    private IEnumerable<Register> OfUnit(int index, MacLayer mac, Func<string, bool> isWanted)
    {
        TensorShape shape = mac.Output.Shape;
        int updates = Trace(index, mac, 0, 0).Updates.Length;
        var product = new Part(images.Count, mac, Product, mac.Depth, isWanted);
        var sum = new Part(images.Count, mac, Accumulator, updates, isWanted);
        var total = new Part(images.Count, mac, Total, 1, isWanted);
        var output = new Part(
            images.Count, mac, Output, 1,
            n => n.EndsWith(FlagsOf, StringComparison.Ordinal) && isWanted(n));
        for (int image = 0, at = 0; image < images.Count; image++)
            for (int element = 0; element < shape.Length; element++, at++)
            {
                MacTrace trace = Trace(index, mac, image, element);
                for (int step = 0; step < mac.Depth && product.IsWanted; step++)
                    product.Put(at, step, trace.Products[step].Value, trace.Products[step].Events);
                for (int step = 0; step < updates && sum.IsWanted; step++)
                    sum.Put(at, step, trace.Updates[step].Accumulator, trace.Updates[step].Events);
                total.Put(at, 0, trace.Updates[^1].Accumulator, trace.Updates[^1].Events);
                output.Put(at, 0, trace.Output, trace.OutputEvents);
            }

        bool converts = mac.Mac.ProductStage == ProductStage.Converted;
        ConversionSpec update = mac.Mac.Update;
        (int Bits, bool IsSigned) exact = converts
            ? (mac.Mac.Product.Bits, mac.Mac.Product.IsSigned)
            : (mac.Facts.Chain.ExactProduct.Bits, true);
        return
        [
            .. product.Found("step", exact.Bits, exact.IsSigned, hasFlags: converts),
            .. sum.Found("update", update.Bits, update.IsSigned),
            .. total.Found(null, update.Bits, update.IsSigned),
            .. output.Found(null, 0, isSigned: false),
        ];
    }

    private MacTrace Trace(int index, MacLayer mac, int image, int element) => MacTracer.Trace(
        program, index, tensors[image][mac.Inputs[0]],
        new(
            images[image], element / mac.Output.Shape.Positions,
            element % mac.Output.Shape.Positions));

    private IEnumerable<Register> OfOther(int index, ProgramLayer layer)
    {
        RegisterLog[] logs =
        [
            .. images.Select((image, i) => LayerTracer.Trace(
                program, index, [.. layer.Inputs.Select(t => tensors[i][t])], image).Registers),
        ];
        foreach (string name in logs[0].Values.Keys)
        {
            long[] values = [.. logs.SelectMany(l => l.Values[name])];
            (int bits, bool isSigned) = RegisterWidths.Of(layer, name, values);
            yield return new(
                $"{layer.Name}.{name}", values, layer.Output.Shape, null, 1, bits, isSigned);
        }

        foreach (EventStage stage in layer.EventStages)
            yield return new(
                $"{layer.Name}.{EnumWord.Of(stage)}{FlagsOf}",
                [.. logs.SelectMany(l => l.Flags[stage].Select(f => (long)f))],
                layer.Output.Shape, null, 1, Register.FlagBits, false);
    }

    /// <summary>A register of a multiply-accumulate unit and its flags, while they fill.</summary>
    private sealed class Part
    {
        private readonly string _name;
        private readonly int _steps;
        private readonly TensorShape _shape;
        private readonly long[]? _values;
        private readonly long[]? _flags;

        public Part(
            int images, MacLayer mac, string name, int steps, Func<string, bool> isWanted)
        {
            (_name, _steps, _shape) = ($"{mac.Name}.{name}", steps, mac.Output.Shape);
            int outputs = Sizes.Elements(images, _shape.Length);
            if (isWanted(_name)) _values = new long[Sizes.Elements(outputs, steps)];
            if (isWanted(_name + FlagsOf)) _flags = new long[Sizes.Elements(outputs, steps)];
        }

        public bool IsWanted => _values is not null || _flags is not null;

        public void Put(int element, int step, long value, ConversionEvents events)
        {
            int at = (element * _steps) + step;
            if (_values is not null) _values[at] = value;
            if (_flags is not null) _flags[at] = (long)events;
        }

        public IEnumerable<Register> Found(
            string? step, int bits, bool isSigned, bool hasFlags = true)
        {
            if (_values is not null)
                yield return new(_name, _values, _shape, step, _steps, bits, isSigned);
            if (_flags is not null && hasFlags)
                yield return new(
                    _name + FlagsOf, _flags, _shape, step, _steps, Register.FlagBits, false);
        }
    }
}
